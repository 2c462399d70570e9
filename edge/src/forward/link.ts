import type { Clock } from '@demeter/common/clock';
import type { Forwarding } from '@demeter/common/edge-configuration/schema';
import type { Journal } from '../buffer/journal.ts';
import { dayOf, isWithin } from './hours.ts';
import { type Bucket, take } from './token-bucket.ts';

/** What the photos may take of the link; telemetry and alarms are counted, never held back. */
export interface LinkRules {
  readonly forwarding: Forwarding;
  /** IANA: of the hours, and of the month's beginning. */
  readonly timeZone: string;
}

export interface LinkOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  /** The time as the centre has it, UTC ms. */
  readonly now: () => number;
  /** Asked each time: the centre may change it while the box runs. */
  readonly rules: () => LinkRules;
}

/** Why no photo starts now. */
export type Closed = 'outside_hours' | 'budget_spent';

/** Bytes are written down in these steps: a crash forgets no more. */
const NOTE_BYTES = 4 * 1024 * 1024;
/** A capped body goes out in pieces of this time, so that others' come in between. */
const PIECE_SECONDS = 0.25;
const PIECE_MIN_BYTES = 512;

export class Link {
  #bucket: Bucket = { bytes: 0, at: 0 };
  #unnoted = 0;

  constructor(private readonly options: LinkOptions) {}

  /** Whether so many bytes may start while `underWayBytes` are on their way. */
  closed(bytes: number, underWayBytes: number): Closed | null {
    const { forwarding, timeZone } = this.options.rules();
    if (!isWithin(forwarding.hours, timeZone, this.options.now())) return 'outside_hours';
    const max = forwarding.gb_per_month_max;
    if (max === undefined) return null;
    return this.spentBytes() + underWayBytes + bytes > max * 1e9 ? 'budget_spent' : null;
  }

  /** Bytes sent in this month of the zone. */
  spentBytes(): number {
    const month = this.#today().slice(0, 7);
    const [row] = this.options.journal.all<{ bytes: number }>(
      'SELECT coalesce(sum(bytes), 0) AS bytes FROM traffic WHERE day BETWEEN ? AND ?',
      `${month}-01`,
      `${month}-31`,
    );
    return (row?.bytes ?? 0) + this.#unnoted;
  }

  /**
   * The same bytes, no faster than the link may carry them, in pieces of so many at most; counted
   * as they go.
   */
  async *paced(
    body: AsyncIterable<Uint8Array>,
    pieceBytesMax: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) {
        for (let at = 0; at < chunk.length; ) {
          const piece = chunk.subarray(at, at + Math.min(pieceBytesMax, this.#rateBytesMax()));
          const waitMs = this.charge(piece.length);
          if (waitMs > 0) await this.options.clock.sleep(waitMs, signal);
          yield piece;
          at += piece.length;
        }
      }
    } finally {
      this.#note();
    }
  }

  /** Counts bytes that do not wait; answers how long those that do would have to. */
  charge(bytes: number): number {
    this.#unnoted += bytes;
    if (this.#unnoted >= NOTE_BYTES) this.#note();
    const bytesPerSecond = this.#bytesPerSecond();
    if (bytesPerSecond === null) return 0;
    const rate = { bytesPerSecond, burstBytes: bytesPerSecond };
    const taken = take(this.#bucket, rate, this.options.clock.monotonic(), bytes);
    this.#bucket = taken.bucket;
    return taken.waitMs;
  }

  #bytesPerSecond(): number | null {
    const mbit = this.options.rules().forwarding.mbit_per_second_max;
    return mbit === undefined ? null : (mbit * 1e6) / 8;
  }

  /** As many bytes as a cap lets go at once. */
  #rateBytesMax(): number {
    const rate = this.#bytesPerSecond() ?? Number.POSITIVE_INFINITY;
    return Math.max(PIECE_MIN_BYTES, Math.floor(rate * PIECE_SECONDS));
  }

  #today(): string {
    return dayOf(this.options.now(), this.options.rules().timeZone);
  }

  #note(): void {
    if (this.#unnoted === 0) return;
    const { journal } = this.options;
    journal.note(() =>
      journal.run(
        `INSERT INTO traffic (day, bytes) VALUES (?, ?)
         ON CONFLICT (day) DO UPDATE SET bytes = bytes + excluded.bytes`,
        this.#today(),
        this.#unnoted,
      ),
    );
    this.#unnoted = 0;
  }
}
