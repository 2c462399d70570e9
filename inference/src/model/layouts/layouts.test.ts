import { describe, expect, test } from 'bun:test';
import type { ImageAsk } from './layout.ts';
import { findLayout } from './layouts.ts';

/** Two anchors, two classes: a tensor [1, 6, 2] by channels, and the same by anchors. */
const byChannel = [10, 100, 20, 200, 4, 8, 6, 10, 0.9, 0.1, 0.2, 0.3];
const byAnchor = [10, 20, 4, 6, 0.9, 0.2, 100, 200, 8, 10, 0.1, 0.3];

const ask = (more: Partial<ImageAsk> = {}): ImageAsk => ({
  index: 0,
  width: 640,
  height: 640,
  confidence: 0.25,
  masks: false,
  classNames: ['a', 'b'],
  output: { layout: '' },
  ...more,
});
const tensor = (dims: readonly number[], numbers?: readonly number[]) => {
  const length = dims.reduce((product, dim) => product * dim, 1);
  return { name: 'output0', dims, data: Float32Array.from(numbers ?? new Float32Array(length)) };
};
/** As many classes as `count`. */
const classes = (count: number) => ({ classNames: Array.from({ length: count }, String) });

describe('detect', () => {
  const layout = findLayout('yolo-detect');
  test('reads boxes, best class and score, whichever way the tensor lies', () => {
    const expected = {
      boxes: Float32Array.from([8, 17, 12, 23, 96, 195, 104, 205]),
      scores: Float32Array.from([0.9, 0.3]),
      classes: Uint32Array.from([0, 1]),
      capped: false,
    };
    expect(layout.decode([tensor([1, 6, 2], byChannel)], ask())).toEqual(expected);
    expect(layout.decode([tensor([1, 2, 6], byAnchor)], ask({ ...classes(2) }))).toEqual(expected);
  });

  test('reads the image asked for of a batch, and only scores above the threshold', () => {
    const batch = [tensor([2, 6, 2], [...new Float32Array(12), ...byChannel])];
    expect(layout.decode(batch, ask()).scores).toHaveLength(0);
    const second = ask({ index: 1, confidence: 0.3 });
    expect(layout.decode(batch, second).scores).toEqual(Float32Array.from([0.9]));
  });

  test('takes either orientation by the number of classes, and refuses what fits neither way', () => {
    const decode = (dims: readonly number[], count: number) => () =>
      layout.decode([tensor(dims)], ask(classes(count)));
    expect(decode([1, 84, 8400], 80)).not.toThrow();
    expect(decode([1, 8400, 84], 80)).not.toThrow();
    expect(decode([1, 84, 8400], 79)).toThrow('[1, 84, 8400]');
    expect(decode([1, 84], 80)).toThrow('its classes ask for [N, 84, anchors]');
  });
});

describe('final', () => {
  const layout = findLayout('yolo-final');
  const rows = [
    [1, 2, 3, 4, 0.9, 1],
    [5, 6, 7, 8, 0.5, 0],
    [0, 0, 0, 0, 0, 0],
  ].flat();
  test('reads the rows in use; says when all are', () => {
    expect(layout.decode([tensor([1, 3, 6], rows)], ask())).toEqual({
      boxes: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
      scores: Float32Array.from([0.9, 0.5]),
      classes: Uint32Array.from([1, 0]),
      capped: false,
    });
    expect(layout.decode([tensor([1, 2, 6], rows)], ask()).capped).toBe(true);
  });
});
