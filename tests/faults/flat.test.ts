import { expect, test } from 'bun:test';
import { seededRandom } from './fault-case.ts';
import { courseOf } from './flat.ts';

/** A day of noise of 5 % either way, and of what is planted in it. */
function day(seed: number, planted: (hour: number) => number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: 24 }, (_, hour) => 100 * (0.95 + 0.1 * random()) + planted(hour));
}

const SEEDS = Array.from({ length: 50 }, (_, seed) => seed);
const flatOf = (planted: (hour: number) => number) =>
  SEEDS.filter((seed) => courseOf(day(seed, planted), 1.1).flat).length;

test('noise is flat, and so is what has settled after the first quarter', () => {
  expect(flatOf(() => 0)).toBe(SEEDS.length);
  expect(flatOf((hour) => (hour < 6 ? 10 * hour : 60))).toBe(SEEDS.length);
});

test('a saw is flat, whichever teeth the ends of the day fall on', () => {
  for (const offset of [0, 1, 2, 3, 4]) {
    expect(flatOf((hour) => 8 * ((hour + offset) % 5))).toBe(SEEDS.length);
  }
});

test('a leak is found: of two hundredths an hour, and one that begins at noon', () => {
  expect(flatOf((hour) => 2 * hour)).toBe(0);
  expect(flatOf((hour) => 4 * Math.max(0, hour - 12))).toBe(0);
});

test('one slow hour is no growth', () => {
  expect(flatOf((hour) => (hour === 22 ? 300 : 0))).toBe(SEEDS.length);
});
