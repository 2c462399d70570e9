import type { Clock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import type { Janitor } from './buffer/janitor.ts';
import type { Journal } from './buffer/journal.ts';
import type { LocalStore } from './buffer/local-store.ts';
import { Nudge } from './nudge.ts';

const ROUND_MS = 5_000;
const BATCH = 100;
/** What a start hashes again is at most as old as this. */
const CHECKPOINT_MS = 60_000;

/** Copying to the local store, making room and checkpoints of the journal, round after round. */
export class Upkeep {
  #storeTrouble: string | null = null;

  constructor(
    private readonly janitor: Janitor,
    private readonly localStore: LocalStore | null,
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** What is wrong with the local store, or null. */
  get storeTrouble(): string | null {
    return this.#storeTrouble;
  }

  async run(signal: AbortSignal): Promise<void> {
    const pause = new Nudge(this.clock);
    let checkpointAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      if (this.clock.monotonic() - checkpointAt >= CHECKPOINT_MS) {
        this.journal.checkpoint(this.clock.now());
        checkpointAt = this.clock.monotonic();
      }
      await this.#buffer(signal);
      try {
        await this.janitor.run();
      } catch (error) {
        this.log.warn({ err: error }, 'making room failed');
      }
      await pause.wait(ROUND_MS, signal);
    }
  }

  async #buffer(signal: AbortSignal): Promise<void> {
    if (!this.localStore) return;
    try {
      await this.localStore.prepare();
      await this.localStore.bufferPending(BATCH, signal);
      this.#storeTrouble = null;
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error);
      if (this.#storeTrouble !== trouble) this.log.warn({ err: error }, 'the local store fails');
      this.#storeTrouble = trouble;
    }
  }
}
