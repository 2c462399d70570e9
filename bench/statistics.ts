/** What several benchmarks make of their numbers. */

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** To three digits after the point. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
