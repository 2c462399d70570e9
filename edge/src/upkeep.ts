import type { Clock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import type { Janitor } from './buffer/janitor.ts';
import type { Journal } from './buffer/journal.ts';
import type { LocalStore } from './buffer/local-store.ts';
import type { Strays } from './buffer/strays.ts';
import { Nudge } from './nudge.ts';
import { Trouble } from './trouble.ts';

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
  readonly #store: Trouble;

  constructor(private readonly options: UpkeepOptions) {
    this.#store = new Trouble(options.log, 'the local store fails');
  }

  /** What is wrong with the local store, or null. */
  get storeTrouble(): string | null {
    return this.#store.now;
  }

  /** The journal knows of this photo, or the box does not have it. */
  isSettled(sha256: string): boolean {
    return this.options.strays.isSettled(sha256);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { janitor, strays, journal, clock, log } = this.options;
    const pause = new Nudge(clock);
    // Room is made all the same where the others fail: there may be none for them.
    const unsettled = new Trouble(log, 'what the journal does not know of waits');
    const noRoom = new Trouble(log, 'making room failed');
    const noCheckpoint = new Trouble(log, 'the journal takes no checkpoint');
    let checkpointAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      if (clock.monotonic() - checkpointAt >= CHECKPOINT_MS) {
        await noCheckpoint.hold(() => journal.checkpoint(clock.now()));
        checkpointAt = clock.monotonic();
      }
      await this.#store.hold(() => this.#buffer(signal));
      if (this.#store.now === null) await unsettled.hold(() => strays.round(signal));
      await noRoom.hold(() => janitor.run());
      await pause.wait(ROUND_MS, signal);
    }
  }

  async #buffer(signal: AbortSignal): Promise<void> {
    const { localStore, mayCopy } = this.options;
    await localStore?.prepare();
    await localStore?.bufferPending(BATCH, signal, mayCopy);
  }
}
