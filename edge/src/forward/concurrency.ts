/**
 * How many photos travel at the same time: one more while that makes the whole faster, half as
 * many as soon as the link or the centre fails (additive increase, multiplicative decrease).
 */

export interface Concurrency {
  /** Photos at the same time, from 1. */
  readonly limit: number;
  /** Bytes/ms before the last step up; null: nothing to compare with. */
  readonly before: number | null;
  /** Windows to go before the next step up is tried. */
  readonly rest: number;
}

/** What was seen while the link was kept busy. */
export interface Window {
  readonly bytes: number;
  readonly ms: number;
  /** The link or the centre failed. */
  readonly failed: boolean;
}

/** A step up that brings less than this is taken back. */
const GAIN_MIN = 1.1;
/** Windows before it is tried again: conditions change over minutes. */
const REST = 10;

/** Two: while one photo is registered the other one uses the link. */
export const START: Concurrency = { limit: 2, before: null, rest: 0 };

export function nextConcurrency(now: Concurrency, window: Window, max: number): Concurrency {
  if (window.failed)
    return { limit: Math.max(1, Math.floor(now.limit / 2)), before: null, rest: 1 };
  const rate = window.bytes / Math.max(1, window.ms);
  if (now.before !== null && rate < now.before * GAIN_MIN) {
    return { limit: Math.max(1, now.limit - 1), before: null, rest: REST };
  }
  if (now.rest > 0) return { limit: Math.min(now.limit, max), before: null, rest: now.rest - 1 };
  if (now.limit >= max) return { limit: max, before: null, rest: REST };
  return { limit: now.limit + 1, before: rate, rest: 0 };
}
