import { expect, test } from 'bun:test';
import { fuse, type Vote } from './fuse.ts';

type Row = readonly [x1: number, y1: number, x2: number, y2: number, score: number, of: number];

function vote(rows: readonly Row[], weight = 1): Vote {
  const set = {
    boxes: Float32Array.from(rows.flatMap((row) => row.slice(0, 4))),
    scores: Float32Array.from(rows, (row) => row[4]),
    classes: Uint32Array.from(rows, (row) => row[5]),
  };
  return { set, weight, confidence: 0.4 };
}

function rowsOf(votes: readonly Vote[]): number[][] {
  const { set } = fuse(votes);
  const round = (value: number) => Math.round(value * 1000) / 1000;
  return [...set.scores.keys()].map((k) =>
    [...set.boxes.subarray(4 * k, 4 * k + 4), set.scores[k]!, set.classes[k]!].map(round),
  );
}

test('boxes of one object become their mean by score, with the mean score', () => {
  const first = vote([[0, 0, 100, 100, 0.9, 0]]);
  const second = vote([[10, 0, 110, 100, 0.6, 0]]);
  expect(rowsOf([first, second])).toEqual([[4, 0, 104, 100, 0.75, 0]]);
});

test('what one model alone has seen counts half, and goes below the threshold', () => {
  const first = vote([
    [0, 0, 10, 10, 0.9, 0],
    [50, 50, 60, 60, 0.7, 0],
  ]);
  expect(rowsOf([first, vote([])])).toEqual([[0, 0, 10, 10, 0.45, 0]]);
});

test('a model of twice the weight pulls twice as hard', () => {
  const heavy = vote([[0, 0, 100, 100, 0.6, 0]], 2);
  const light = vote([[24, 0, 124, 100, 0.6, 0]], 1);
  // (2 · 0 + 1 · 24) / 3, and (2 · 0.6 + 0.6) / 3.
  expect(rowsOf([heavy, light])).toEqual([[8, 0, 108, 100, 0.6, 0]]);
  const sure = vote([[0, 0, 100, 100, 0.75, 0]], 2);
  expect(rowsOf([sure, vote([], 1)])).toEqual([[0, 0, 100, 100, 0.5, 0]]);
});

test('other classes and boxes that hardly overlap stay apart; the best stands first', () => {
  const first = vote([[0, 0, 100, 100, 0.8, 0]]);
  const other = vote([
    [0, 0, 100, 100, 0.9, 1],
    [80, 0, 180, 100, 0.85, 0],
  ]);
  expect(rowsOf([first, other]).map((row) => row[5])).toEqual([1, 0, 0]);
});

test('a model that stands alone is left as it is', () => {
  const only = vote([[0, 0, 10, 10, 0.41, 0]]);
  expect(fuse([only])).toEqual({ set: only.set, from: [0] });
});
