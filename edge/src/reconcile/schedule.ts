import { DAY_MS } from '@demeter/common/edge-days';

/** When the next comparison begins, as a rule without I/O. Times are UTC milliseconds. */

const HOUR_MS = 3_600_000;
/** Nights begin at 01:00 UTC; boxes spread over four hours, so that they do not come all at once. */
const SLOT_FROM_MS = HOUR_MS;
const SLOT_LENGTH_MS = 4 * HOUR_MS;
/** One that somebody asked for in the evening serves for the night. */
const APART_MS = 6 * HOUR_MS;
/** A box that is off at night compares once it has been on for a while. */
const OVERDUE_MS = 36 * HOUR_MS;
const FIRST_MS = 10 * 60_000;

export interface Moment {
  readonly now: number;
  /** For how long this process has run, by a clock that nobody sets. */
  readonly upMs: number;
  /** When the last comparison that was finished began; null: there was none. */
  readonly last: number | null;
  /** In [0, 1), drawn by each box for itself. */
  readonly jitter: number;
}

/** True when it is time. A clock that was set back does not stop comparisons for ever. */
export function isDue({ now, upMs, last, jitter }: Moment): boolean {
  const settled = upMs >= FIRST_MS * (1 + jitter);
  if (last === null || last > now) return settled;
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  const slot = midnight + SLOT_FROM_MS + jitter * SLOT_LENGTH_MS;
  if (last < slot - APART_MS && now >= slot && now < slot + SLOT_LENGTH_MS) return true;
  return settled && now - last >= OVERDUE_MS;
}
