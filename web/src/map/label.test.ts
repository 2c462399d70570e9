import { expect, test } from 'bun:test';
import { fitLabel } from './label.ts';

const box = (width: number, height: number) => ({ minX: 0, minY: 0, maxX: width, maxY: height });

test('a label is as large as its shape allows', () => {
  const { size, isUpright } = fitLabel(box(10, 100), ['A1-01']);
  expect(isUpright).toBe(false);
  expect(fitLabel(box(100, 10), ['A1-01'])).toEqual({ size, isUpright: true });
  expect(fitLabel(box(100, 10), ['A1-01', '12']).size).toBeCloseTo(size / 2);
});

test('a square is not turned', () => {
  expect(fitLabel(box(10, 10), ['A long name']).isUpright).toBe(true);
});
