import { expect, test } from 'bun:test';
import { dropUnsureAtEdge } from './photo-edge.ts';

const photo = { width: 1000, height: 500 };
const set = {
  // Inside; at the left; at the bottom and sure; at the right; just inside the margin of 4 px.
  boxes: Float32Array.of(
    ...[100, 100, 150, 150],
    ...[2, 100, 50, 150],
    ...[100, 450, 150, 499],
    ...[950, 100, 997, 150],
    ...[4, 4, 60, 60],
  ),
  scores: Float32Array.of(0.9, 0.4, 0.6, 0.41, 0.4),
  classes: Uint32Array.of(0, 1, 2, 3, 4),
};

test('an object that the edge of the photo cuts needs a better score than one inside', () => {
  expect([...dropUnsureAtEdge(set, photo, 0.5).classes]).toEqual([0, 2, 4]);
});

test('with no such score asked for, everything stays', () => {
  expect(dropUnsureAtEdge(set, photo, 0)).toBe(set);
});
