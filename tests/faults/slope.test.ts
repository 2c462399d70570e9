import { expect, test } from 'bun:test';
import { seededRandom } from './fault-case.ts';
import { leastSquares } from './slope.ts';

test('a straight line has its slope and no doubt', () => {
  const { slope, plusMinus } = leastSquares([0, 1, 2, 3, 4].map((x) => [x, 7 + 2.5 * x]));
  expect(slope).toBeCloseTo(2.5, 10);
  expect(plusMinus).toBeCloseTo(0, 6);
});

// Anscombe's first quartet: slope 0.5001, its standard error 0.1179, t(9) = 2.262.
test('agrees with a published regression', () => {
  const xs = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
  const ys = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
  const { slope, plusMinus, points } = leastSquares(xs.map((x, i) => [x, ys[i]!]));
  expect(slope).toBeCloseTo(0.5001, 3);
  expect(plusMinus).toBeCloseTo(0.1179 * 2.262, 3);
  expect(points).toBe(11);
});

test('the interval holds the truth about 95 times of 100', () => {
  const random = seededRandom(1);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let held = 0;
  for (let round = 0; round < 400; round++) {
    const { slope, plusMinus } = leastSquares(
      Array.from({ length: 20 }, (_, x) => [x, 3 * x + 10 * gauss()]),
    );
    if (Math.abs(slope - 3) <= plusMinus) held++;
  }
  expect(held / 400).toBeGreaterThan(0.92);
  expect(held / 400).toBeLessThan(0.98);
});

test('two points say nothing', () => {
  expect(() =>
    leastSquares([
      [0, 1],
      [1, 2],
    ]),
  ).toThrow('three points');
});
