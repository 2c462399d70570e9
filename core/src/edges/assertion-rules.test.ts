import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { forgottenAt, judgeTimes } from './assertion-rules.ts';

const NOW = 1_800_000_000;
const at = (iat: number, life: number) =>
  judgeTimes({ iat: NOW + iat, exp: NOW + iat + life }, NOW);

test.each([
  [0, 120, 'good'],
  [0, 300, 'good'],
  [60, 120, 'good'],
  [-179, 120, 'good'],
  [-180, 120, 'skewed'],
  [61, 120, 'skewed'],
  [365 * 86_400, 120, 'skewed'],
  [-365 * 86_400, 120, 'skewed'],
  [0, 301, 'too_long'],
  [0, 0, 'too_long'],
  [0, -10, 'too_long'],
] as const)('made %d s from now for %d s: %s', (iat, life, judged) => {
  expect(at(iat, life)).toBe(judged);
});

test('an assertion is remembered for as long as it would be taken', () => {
  const times = fc.record({
    iat: fc.integer({ min: NOW - 1_000, max: NOW + 1_000 }),
    life: fc.integer({ min: 1, max: 300 }),
    later: fc.integer({ min: 0, max: 2_000 }),
  });
  fc.assert(
    fc.property(times, ({ iat, life, later }) => {
      const given = { iat, exp: iat + life };
      return judgeTimes(given, NOW + later) !== 'good' || NOW + later < forgottenAt(given);
    }),
  );
  expect(judgeTimes({ iat: Number.NaN, exp: NOW }, NOW)).toBe('too_long');
});
