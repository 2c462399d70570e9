/**
 * How many photos travel at the same time. At first twice as many after each window, until that
 * brings nothing or something fails (slow start); then one more while that makes the whole faster,
 * half as many as soon as the link or the centre fails (additive increase, multiplicative
 * decrease).
 */

export interface Concurrency {
  /** Photos at the same time, from 1. */
  readonly limit: number;
  /** Nothing has gone wrong yet: steps double. */
  readonly starting: boolean;
  /** What the last step up is compared with; null: there is nothing to compare. */
  readonly before: { readonly limit: number; readonly bytesPerMs: number } | null;
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
/** A window ends after so many photos for each place: few enough to follow a link that changes. */
const PHOTOS = 4;

export const START: Concurrency = { limit: 2, starting: true, before: null, rest: 0 };

/** Photos by which a window is judged. */
export function windowPhotos({ limit, starting }: Concurrency): number {
  return starting ? limit : PHOTOS * limit;
}

export function nextConcurrency(now: Concurrency, window: Window, max: number): Concurrency {
  const settled = { starting: false, before: null, rest: REST };
  if (window.failed) return { ...settled, limit: Math.max(1, Math.floor(now.limit / 2)), rest: 1 };
  const bytesPerMs = window.bytes / Math.max(1, window.ms);
  if (now.before !== null && bytesPerMs < now.before.bytesPerMs * GAIN_MIN) {
    return { ...settled, limit: Math.min(now.before.limit, max) };
  }
  if (now.rest > 0) return { ...now, limit: Math.min(now.limit, max), rest: now.rest - 1 };
  if (now.limit >= max) return { ...settled, limit: max };
  const step = now.starting ? now.limit : 1;
  const before = { limit: now.limit, bytesPerMs };
  return { ...now, limit: Math.min(now.limit + step, max), before };
}
