/** An assertion may be good for so long. */
export const ASSERTION_SECONDS_MAX = 300;
/** Clocks may differ by so much without a word. */
const LEEWAY_SECONDS = 60;

export interface AssertionTimes {
  /** Seconds since 1970, by the box's clock. */
  readonly iat: number;
  readonly exp: number;
}

/**
 * How an assertion stands to the core's time: `skewed` where the box's clock is off, or the
 * assertion is old, which look the same; `too_long` where it would be good for too long.
 */
export function judgeTimes(
  { iat, exp }: AssertionTimes,
  nowSeconds: number,
): 'good' | 'skewed' | 'too_long' {
  if (!(exp > iat) || exp - iat > ASSERTION_SECONDS_MAX) return 'too_long';
  if (iat > nowSeconds + LEEWAY_SECONDS || exp + LEEWAY_SECONDS <= nowSeconds) return 'skewed';
  return 'good';
}

/** Until then it would be taken again, so its id is remembered. Seconds since 1970. */
export function forgottenAt({ exp }: AssertionTimes): number {
  return exp + LEEWAY_SECONDS;
}
