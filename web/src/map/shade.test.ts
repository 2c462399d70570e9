import { expect, test } from 'bun:test';
import { ageOfCount, SHADES, shadeOfPlants } from './shade.ts';

test('no plants have no shade, few have one, most have the darkest', () => {
  expect(shadeOfPlants(0, 1000)).toBe(0);
  expect(shadeOfPlants(0, 0)).toBe(0);
  expect(shadeOfPlants(1, 1_000_000)).toBe(1);
  expect(shadeOfPlants(250, 1000)).toBe(3);
  expect(shadeOfPlants(1000, 1000)).toBe(SHADES);
});

test('a count ages by week and month', () => {
  const now = Date.parse('2026-05-31T00:00:00.000Z');
  expect(ageOfCount('2026-05-24T00:00:00.000Z', now)).toBe('fresh');
  expect(ageOfCount('2026-05-23T00:00:00.000Z', now)).toBe('aging');
  expect(ageOfCount('2026-04-01T00:00:00.000Z', now)).toBe('old');
  expect(ageOfCount(undefined, now)).toBe('never');
});
