import { readFile } from 'node:fs/promises';
import type { Clock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import { type Logger, withLogContext } from '@demeter/common/logger';
import { backoffMs } from '@demeter/common/retry';
import type { Journal, PhotoRow } from '../buffer/journal.ts';
import { Nudge } from '../nudge.ts';
import { CountLedger } from './count-ledger.ts';
import { type Counting, CountLost, CountServerAway } from './mesh-counting.ts';

/** Nobody waits for a number of a photo that is older. */
const FRESH_MS = 24 * 3_600_000;
const IDLE_MS = 5_000;
const AWAY = { baseMs: 1_000, maxMs: 60_000 } as const;
/**
 * The centre is asked for its own counts of so many photos at once, so often; twice as seldom each
 * time that it is away or has counted none of them.
 */
const ASK_MS = 15_000;
const ASK_MS_MAX = 5 * 60_000;
const ASK_PHOTOS = 100;

export interface CounterOptions {
  readonly journal: Journal;
  readonly counting: Counting;
  readonly pathOf: (sha256: string) => string;
  /** The centre's counts of those of these photos that it has counted. Throws: it is away. */
  readonly centreCounts: (
    photos: readonly string[],
    signal: AbortSignal,
  ) => Promise<readonly { readonly sha256: string; readonly count: number }[]>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * A number for the worker while the box is alone: the newest photo first, one at a time, beside all
 * else. The count is provisional; once the centre has counted the photo, its count takes the place.
 * Nothing waits for it, and nothing is booked by it.
 */
export class Counter {
  readonly #ledger: CountLedger;
  readonly #nudge = new Nudge();
  #trouble: string | null = null;
  /** Monotonic milliseconds. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #askAgainMs = ASK_MS;
  #misses = 0;

  constructor(private readonly options: CounterOptions) {
    this.#ledger = new CountLedger(options.journal);
  }

  /** Why photos are not counted here now, or null. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** A photo was judged and can be decoded. */
  offer(sha256: string): void {
    this.#ledger.add(sha256, this.options.clock.now());
    this.#askAgainMs = ASK_MS;
    this.wake();
  }

  wake(): void {
    this.#nudge.nudge();
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, counting } = this.options;
    try {
      while (!signal.aborted) {
        await this.#askCentre(signal);
        const row = this.#ledger.next(clock.now() - FRESH_MS);
        if (!row) await this.#nudge.wait(IDLE_MS, signal);
        else {
          const fields = { correlation_id: row.correlation_id };
          await withLogContext(fields, () => this.#count(row, signal));
        }
      }
    } finally {
      // What a failing journal has ended begins again, and asks the same server.
      if (signal.aborted) counting.close();
    }
  }

  async #count(row: PhotoRow, signal: AbortSignal): Promise<void> {
    const { counting, pathOf, log } = this.options;
    const { sha256, media_type: mediaType, correlation_id: correlationId } = row;
    try {
      const bytes = await readFile(pathOf(sha256));
      const counted = await counting.count({ sha256, bytes, mediaType, correlationId }, signal);
      this.#ledger.counted(sha256, counted);
      log.info({ sha256, ...counted }, 'counted here, provisionally');
      this.#misses = 0;
      this.#trouble = null;
    } catch (error) {
      if (!signal.aborted) await this.#failed(row, error, signal);
    }
  }

  async #failed(row: PhotoRow, error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    if (!(error instanceof CountServerAway)) {
      // The photo's own: its bytes have gone to the centre, or the model cannot take them.
      const code = error instanceof AppError ? error.code : 'unreadable';
      log.warn({ err: error, sha256: row.sha256, code }, 'a photo was not counted here');
      this.#ledger.failed(row.sha256);
      return;
    }
    // A photo that ends the server each time would keep it from all others.
    if (error instanceof CountLost) this.#ledger.failed(row.sha256);
    if (this.#trouble !== error.message) log.warn({ reason: error.message }, 'no counts here');
    this.#trouble = error.message;
    await clock.sleep(backoffMs(++this.#misses, AWAY), signal).catch(() => {});
  }

  async #askCentre(signal: AbortSignal): Promise<void> {
    const { clock, centreCounts } = this.options;
    if (clock.monotonic() - this.#askedAt < this.#askAgainMs) return;
    const photos = this.#ledger.provisional(clock.now() - FRESH_MS, ASK_PHOTOS);
    if (photos.length === 0) return;
    // Away: the same as nothing new.
    const counts = await centreCounts(photos, signal).catch(() => []);
    for (const { sha256, count } of counts) this.#ledger.replaced(sha256, count);
    this.#askedAt = clock.monotonic();
    this.#askAgainMs = counts.length > 0 ? ASK_MS : Math.min(ASK_MS_MAX, 2 * this.#askAgainMs);
  }
}
