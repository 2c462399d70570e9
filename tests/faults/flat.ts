import { leastSquares } from './slope.ts';

/** How a value moves from hour to hour of a day. */
export interface Course {
  /** Of the line through the hours after the warm-up. */
  readonly per_hour: number;
  /** Half the width of its 95 % confidence interval. */
  readonly plus_minus_95: number;
  /** Median of the last quarter of the day ÷ that of the second. */
  readonly last_quarter_to_second: number;
  /** Grows by no more than it may, or by nothing that is more than chance. */
  readonly flat: boolean;
  readonly hours: readonly number[];
}

/** Caches, indexes and the compiler settle in the first quarter. */
const QUARTERS = 4;

/** `growthMax`: 1.1 for a tenth more at the end of the day than in its second quarter. */
export function courseOf(hours: readonly number[], growthMax: number): Course {
  const quarter = hours.length / QUARTERS;
  const points = hours.slice(quarter).map((value, at): [number, number] => [at, value]);
  const { slope, plusMinus } = leastSquares(points);
  const growth = median(hours.slice(-quarter)) / median(hours.slice(quarter, 2 * quarter));
  return {
    per_hour: rounded(slope),
    plus_minus_95: rounded(plusMinus),
    last_quarter_to_second: rounded(growth),
    flat: growth <= growthMax || slope - plusMinus <= 0,
    hours: hours.map(rounded),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export const rounded = (value: number) => Number(value.toFixed(3));
