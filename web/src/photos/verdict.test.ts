import { expect, test } from 'bun:test';
import { readVerdict } from './verdict.ts';

test('a verdict keeps the sentences that can be shown', () => {
  const reasons = [{ code: 'blurred', score: 31, sentence: 'Blurred.' }, { code: 'odd' }, null];
  const verdict = readVerdict({ result: 'poor', reasons, near_duplicate_of: 'ab' });
  expect(verdict?.result).toBe('poor');
  expect(verdict?.reasons.map(({ sentence }) => sentence)).toEqual(['Blurred.']);
  expect(verdict?.isNearDuplicate).toBe(true);
});

test('what is no verdict is none', () => {
  for (const value of [null, undefined, 'good', {}, { result: 5 }]) {
    expect(readVerdict(value)).toBeUndefined();
  }
});
