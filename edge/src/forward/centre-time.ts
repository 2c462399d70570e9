import type { Clock } from '@demeter/common/clock';

/** Less than this is the `Date` header's own coarseness, or the way it took. */
const NOTED_MS = 2_000;
/** A slower answer says too little about the moment. */
const ROUND_TRIP_MAX_MS = 10_000;
/** From here on people are told that the box's clock is wrong. */
const WRONG_MS = 300_000;

/**
 * What time it is at the centre, from the `Date` of its answers: a box without a battery for its
 * clock starts in another year. Between answers the monotonic clock counts on.
 */
export class CentreTime {
  #known: { readonly centre: number; readonly monotonic: number } | null = null;

  constructor(private readonly clock: Pick<Clock, 'now' | 'monotonic'>) {}

  /** An answer of the centre's own; `askedAt`: monotonic milliseconds. */
  note(date: string | null | undefined, askedAt: number): void {
    const monotonic = this.clock.monotonic();
    const centre = Date.parse(date ?? '');
    if (Number.isNaN(centre) || monotonic - askedAt > ROUND_TRIP_MAX_MS) return;
    // The header has whole seconds; it was written somewhere on the way.
    this.#known = { centre: centre + 500, monotonic: (askedAt + monotonic) / 2 };
  }

  /** To be added to the box's own clock; 0 where it is right, or where nothing is known. */
  get correctionMs(): number {
    if (!this.#known) return 0;
    const passed = this.clock.monotonic() - this.#known.monotonic;
    const correction = Math.round(this.#known.centre + passed - this.clock.now());
    return Math.abs(correction) <= NOTED_MS ? 0 : correction;
  }

  /** UTC milliseconds, corrected. */
  now(): number {
    return this.clock.now() + this.correctionMs;
  }

  /**
   * The earlier of both clocks: what is given up by age is given up by it. Null: the centre was not
   * reached since the start, and this box's clock may have been set a year ahead before.
   */
  earliest(): number | null {
    return this.#known && Math.min(this.clock.now(), this.now());
  }

  /** What people are told of the box's clock, or null. */
  get trouble(): string | null {
    const ms = this.correctionMs;
    if (Math.abs(ms) < WRONG_MS) return null;
    const side = ms > 0 ? 'behind' : 'ahead of';
    return `The clock of this box is ${spanOf(Math.abs(ms))} ${side} the centre's; its times are corrected. Let it reach NTP, or set it.`;
  }
}

function spanOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
