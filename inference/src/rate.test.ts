import { expect, test } from 'bun:test';
import { Rate } from './rate.ts';

test('is the mean over the last minute, however much there was', () => {
  const rate = new Rate();
  for (let ms = 0; ms < 90_000; ms += 10) rate.add(2, ms);
  expect(rate.perSecond(89_999)).toBe(200);
});

test('what is older than a minute counts no more', () => {
  const rate = new Rate();
  rate.add(60, 5_000);
  rate.add(30, 40_500);
  expect(rate.perSecond(64_900)).toBe(1.5);
  expect(rate.perSecond(65_000)).toBe(0.5);
  expect(rate.perSecond(100_000)).toBe(0);
  rate.add(6, 10_000_000);
  expect(rate.perSecond(10_000_000)).toBe(0.1);
});
