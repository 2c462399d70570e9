import type { Clock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import type { UploadStore } from './upload-store.ts';

const ROUND_MS = 10 * 60_000;

/** Removes uploads that nobody came back for, round after round. */
export class UploadSweeper {
  constructor(
    private readonly store: UploadStore,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const expired = await this.store.deleteExpired();
      if (expired > 0) this.log.info({ expired }, 'uploads that were never finished are removed');
      await this.clock.sleep(ROUND_MS, signal).catch(() => {});
    }
  }
}
