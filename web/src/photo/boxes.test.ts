import { expect, test } from 'bun:test';
import { colourOf, countByClass, toBoxes } from './boxes.ts';

const boxes = toBoxes({
  run_id: 'r',
  width: 100,
  height: 50,
  class_names: ['cactus', 'succulent'],
  boxes: [1, 2, 11, 22, 5, 5, 6, 6, 0, 0, 100, 50],
  confidences: [0.9, 0.8, 0.3],
  class_ids: [1, 1, 0],
});

test('corners become position and size', () => {
  expect(boxes).toHaveLength(3);
  expect(boxes[0]).toEqual({ x: 1, y: 2, width: 10, height: 20, confidence: 0.9, classId: 1 });
});

test('classes are counted, most first, unnamed ones by number', () => {
  const names = ['cactus', 'succulent'];
  expect(countByClass(boxes, names).map(({ name, count }) => [name, count])).toEqual([
    ['succulent', 2],
    ['cactus', 1],
  ]);
  expect(countByClass(boxes, []).map(({ name }) => name)).toEqual(['#1', '#0']);
});

test('the ninth class takes the first colour again', () => {
  expect(colourOf(8)).toBe(colourOf(0));
});
