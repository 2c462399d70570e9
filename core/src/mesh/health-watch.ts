import type { Clock } from '@demeter/common/clock';
import type { HealthReport__Output, MeshClient } from '@demeter/proto';
import type { Metadata } from '@grpc/grpc-js';

/** A watch that has broken off is begun again after this. */
const AGAIN_MS = 1_000;

export interface HealthWatchOptions {
  readonly client: Pick<MeshClient, 'WatchHealthReport'>;
  readonly metadata: Metadata;
  readonly clock: Clock;
  /** Undefined: nothing is known of it now, for this reason. */
  readonly onReport: (report: HealthReport__Output | undefined, reason: string) => void;
}

/** Follows what a server says of itself until the answered end, however often it breaks off. */
export function watchHealth(options: HealthWatchOptions): () => void {
  const { client, metadata, clock, onReport } = options;
  const ended = new AbortController();
  let cancel = () => {};
  const open = () => {
    const watch = client.WatchHealthReport({}, metadata);
    cancel = () => watch.cancel();
    let isOver = false;
    const over = (reason: string) => {
      if (isOver || ended.signal.aborted) return;
      isOver = true;
      onReport(undefined, reason);
      void clock.sleep(AGAIN_MS, ended.signal).then(open, () => {});
    };
    watch.on('data', ({ report }: { report: HealthReport__Output | null }) => {
      if (report) onReport(report, '');
    });
    watch.on('error', (error) => over(error.message));
    watch.on('end', () => over('the server ended it'));
  };
  open();
  return () => {
    ended.abort();
    cancel();
  };
}
