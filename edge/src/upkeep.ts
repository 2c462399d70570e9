import type { Clock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import type { Janitor } from './buffer/janitor.ts';
import type { Journal } from './buffer/journal.ts';
import type { LocalStore } from './buffer/local-store.ts';
import type { Strays } from './buffer/strays.ts';
import { Nudge } from './nudge.ts';

const ROUND_MS = 5_000;
const BATCH = 100;
/** What a start hashes again is at most as old as this. */
const CHECKPOINT_MS = 60_000;

export interface UpkeepOptions {
  readonly janitor: Janitor;
  readonly strays: Strays;
  readonly localStore: LocalStore | null;
  /** False: the box is too full for copies. */
  readonly mayCopy: () => boolean;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Copying to the local store, settling strays, making room and checkpoints of the journal, round after round. */
export class Upkeep {
  #storeTrouble: string | null = null;

  constructor(private readonly options: UpkeepOptions) {}

  /** What is wrong with the local store, or null. */
  get storeTrouble(): string | null {
    return this.#storeTrouble;
  }

  /** The journal knows of this photo, or the box does not have it. */
  isSettled(sha256: string): boolean {
    return this.options.strays.isSettled(sha256);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { janitor, strays, clock, log } = this.options;
    const pause = new Nudge(clock);
    let checkpointAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      if (clock.monotonic() - checkpointAt >= CHECKPOINT_MS) {
        this.#checkpoint();
        checkpointAt = clock.monotonic();
      }
      await this.#buffer(signal);
      try {
        if (!this.#storeTrouble) await strays.round(signal);
      } catch (error) {
        log.warn({ err: error }, 'what the journal does not know of waits');
      }
      try {
        await janitor.run();
      } catch (error) {
        log.warn({ err: error }, 'making room failed');
      }
      await pause.wait(ROUND_MS, signal);
    }
  }

  /** Room is made all the same where it fails: there may be none for it. */
  #checkpoint(): void {
    const { journal, clock, log } = this.options;
    try {
      journal.checkpoint(clock.now());
    } catch (error) {
      log.warn({ err: error }, 'the journal takes no checkpoint');
    }
  }

  async #buffer(signal: AbortSignal): Promise<void> {
    const { localStore, mayCopy, log } = this.options;
    if (!localStore) return;
    try {
      await localStore.prepare();
      await localStore.bufferPending(BATCH, signal, mayCopy);
      this.#storeTrouble = null;
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error);
      if (this.#storeTrouble !== trouble) log.warn({ err: error }, 'the local store fails');
      this.#storeTrouble = trouble;
    }
  }
}
