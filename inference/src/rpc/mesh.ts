import { AppError } from '@demeter/common/errors';
import type { HealthReport, MeshHandlers } from '@demeter/proto';
import { toServiceError } from './service-error.ts';
import { WorkStream, type WorkStreamOptions } from './work-stream.ts';

/** Changes come in bursts; watchers get one report for each, and one now and then for load and VRAM. */
const CHANGE_MS = 200;
const REPEAT_MS = 5_000;
/**
 * A core, its successor while it restarts, and some to spare. With it the encoded photos held here
 * are bounded: streams × credits × DEMETER_PHOTO_BYTES_MAX, in practice one stream's share.
 */
const STREAMS_MAX = 4;
/** A stream ends when its core does: a restart takes seconds. */
const STREAM_RETRY_SECONDS = 5;

export interface MeshOptions extends WorkStreamOptions {
  readonly report: () => HealthReport;
}

/** demeter.v1.Mesh: the streams that are open, and who watches the health report. */
export class Mesh {
  readonly #streams = new Set<WorkStream>();
  readonly #watchers = new Map<object, { readonly send: () => void; readonly end: () => void }>();
  #changed: Timer | undefined;
  #draining = false;

  constructor(private readonly options: MeshOptions) {}

  readonly handlers: MeshHandlers = {
    Work: (call) => {
      if (this.#draining) {
        call.emit('error', toServiceError(new AppError('DRAINING', 'This server is stopping.')));
        return;
      }
      if (this.#streams.size >= STREAMS_MAX) {
        const error = new AppError('TOO_MANY_REQUESTS', 'Other cores hold all streams.', {
          retryAfterSeconds: STREAM_RETRY_SECONDS,
        });
        call.emit('error', toServiceError(error));
        return;
      }
      const stream = new WorkStream(call, this.options);
      this.#streams.add(stream);
      call.on('close', () => this.#streams.delete(stream));
    },
    GetHealthReport: (_call, callback) => callback(null, { report: this.options.report() }),
    WatchHealthReport: (call) => {
      const send = () => void call.write({ report: this.options.report() });
      const repeat = setInterval(send, REPEAT_MS);
      const stop = () => {
        clearInterval(repeat);
        this.#watchers.delete(call);
      };
      call.on('cancelled', stop);
      call.on('close', stop);
      this.#watchers.set(call, { send, end: () => call.end() });
      send();
    },
  };

  /** Call when the report has changed. */
  readonly changed = (): void => {
    this.#changed ??= setTimeout(() => {
      this.#changed = undefined;
      for (const { send } of this.#watchers.values()) send();
    }, CHANGE_MS);
  };

  /** Resolves when every core has ended its stream, with all its photos answered. */
  async ended(): Promise<void> {
    await Promise.all([...this.#streams].map((stream) => stream.ended));
  }

  /** Gives up what is still being counted; the core leases it again. */
  close(): void {
    for (const stream of this.#streams) stream.close();
  }

  /** Ends what there is, and takes no stream more. */
  drain(deadlineMs: number): void {
    this.#draining = true;
    for (const stream of this.#streams) stream.drain(deadlineMs);
    for (const { send, end } of this.#watchers.values()) {
      send();
      end();
    }
  }
}
