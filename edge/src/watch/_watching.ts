import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@demeter/common/clock';
import { silent } from '../_testing.ts';
import { withPlace } from '../buffer/_with-spool.ts';
import { Intake } from '../buffer/intake.ts';
import type { Journal } from '../buffer/journal.ts';
import { KeyedLock } from '../buffer/keyed-lock.ts';
import { Quota } from '../buffer/quota.ts';
import { realDisk } from '../buffer/real-disk.ts';
import { ANONYMOUS_CAMERA, type Camera } from '../cameras.ts';
import type { WatchConfig } from '../sources.ts';
import { WatchedFolder } from './watched-folder.ts';

/** For tests: a watched folder before a real spool, in a time that passes round by round. */

/** Stands still while the loop works, and jumps to the end of its sleep. */
class RoundClock implements Clock {
  #time = 0;
  #wake = () => {};
  #asleep = Promise.withResolvers<void>();

  now = () => Date.now() + this.#time;
  monotonic = () => this.#time;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = () => {
      this.#time += ms;
      resolve();
    };
    signal?.addEventListener('abort', () => resolve(), { once: true });
    this.#asleep.resolve();
    return promise;
  }

  pass(ms: number): void {
    this.#time += ms;
  }

  async round(): Promise<void> {
    await this.#asleep.promise;
    this.#asleep = Promise.withResolvers<void>();
    this.#wake();
    await this.#asleep.promise;
  }
}

export interface Watching {
  readonly folder: string;
  readonly inbox: string;
  readonly journal: Journal;
  readonly watched: WatchedFolder;
  /** Codes of refusals. */
  readonly refused: readonly string[];
  /** Numbers of refused files that were removed at once. */
  readonly removed: readonly number[];
  /** The folder is looked through so often, a second apart. */
  readonly rounds: (count: number) => Promise<void>;
  /** So much time passes while nobody looks. */
  readonly pass: (ms: number) => void;
  /** What time it is at the centre, which is the box's own until then; null: nobody knows. */
  readonly setCentre: (at: number | null) => void;
}

export const BENCH: Camera = { ...ANONYMOUS_CAMERA, code: 'bench' };

export async function watching(
  use: (watching: Watching) => Promise<void>,
  config: Partial<WatchConfig> = {},
): Promise<void> {
  await withPlace(async ({ folder, spool, journal }) => {
    const clock = new RoundClock();
    const inbox = join(folder, 'inbox');
    await mkdir(inbox);
    const refused: string[] = [];
    const removed: number[] = [];
    let keptNow: () => number | null = clock.now;
    const intake = new Intake({
      spool,
      journal,
      quota: new Quota(folder, realDisk, 1e12, () => journal.heldBytes()),
      clock,
      locks: new KeyedLock(),
      onStep: () => {},
      onAccepted: () => {},
      onOver: () => {},
      onAlarm: () => {},
    });
    const watched = new WatchedFolder({
      folder: inbox,
      camera: BENCH,
      subfolders: [],
      accepted: { keepMs: 86_400_000, bytesMax: 1e9 },
      ...config,
      intake,
      clock,
      log: silent,
      onRefused: (code) => refused.push(code),
      onRemoved: (files) => removed.push(files),
      keptNow: () => keptNow(),
    });
    const stop = new AbortController();
    const ended = watched.run(stop.signal);
    const rounds = async (count: number) => {
      for (let round = 0; round < count; round++) await clock.round();
    };
    try {
      const pass = (ms: number) => clock.pass(ms);
      const setCentre = (at: number | null) => {
        keptNow = () => at;
      };
      await use({ folder, inbox, journal, watched, refused, removed, rounds, pass, setCentre });
    } finally {
      stop.abort();
      await ended;
    }
  });
}
