import { expect, test } from 'bun:test';
import { Crowd } from './crowd.ts';

test('a crowd goes first for a second; one that stays does not, and after a calm one is new', () => {
  let now = 0;
  let there = false;
  const crowd = new Crowd(
    () => there,
    () => now,
  );
  const at = (ms: number, isThere: boolean) => {
    [now, there] = [ms, isThere];
    return crowd.goesFirst();
  };
  expect(at(0, false)).toBe(false);
  expect(at(100, true)).toBe(true);
  expect(at(1_090, true)).toBe(true);
  expect(at(1_100, true)).toBe(false);
  // Looked at between two of its photos it is not there, and the same a moment later.
  for (let ms = 1_500; ms < 60_000; ms += 500) expect(at(ms, ms % 1_000 === 0)).toBe(false);
  // The last was seen at 59,000.
  expect(at(60_001, true)).toBe(true);
  expect(at(61_001, true)).toBe(false);
});
