import type { Logger } from '@demeter/common/logger';

/** What is tidied up from time to time, one after the other, each whatever became of the others. */
export class Sweeps {
  #running: Promise<void> | undefined;

  constructor(
    private readonly log: Pick<Logger, 'warn'>,
    private readonly stopping: AbortSignal,
    private readonly sweeps: Readonly<Record<string, () => Promise<unknown>>>,
  ) {}

  /** Never rejects. While one round is under way no other begins: it is the one that is answered. */
  run(): Promise<void> {
    this.#running ??= this.#all().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #all(): Promise<void> {
    for (const [sweep, run] of Object.entries(this.sweeps)) {
      if (this.stopping.aborted) return;
      try {
        await run();
      } catch (error) {
        this.log.warn({ err: error, sweep }, 'a sweep failed; it is made again in the next round');
      }
    }
  }
}
