import { describe, expect, test } from 'bun:test';
import { LAYOUTS } from './layouts.ts';

/** Two anchors, two classes: a tensor [1, 6, 2] by channels, and the same by anchors. */
const byChannel = Float32Array.from([10, 100, 20, 200, 4, 8, 6, 10, 0.9, 0.1, 0.2, 0.3]);
const byAnchor = Float32Array.from([10, 20, 4, 6, 0.9, 0.2, 100, 200, 8, 10, 0.1, 0.3]);
const options = { index: 0, classCount: 2, confidence: 0.25 };

describe('detect', () => {
  const layout = LAYOUTS['yolo-detect'];
  test('reads boxes, best class and score, whichever way the tensor lies', () => {
    const expected = {
      boxes: Float32Array.from([8, 17, 12, 23, 96, 195, 104, 205]),
      scores: Float32Array.from([0.9, 0.3]),
      classes: Uint32Array.from([0, 1]),
      capped: false,
    };
    const anchors = { batch: 1, channels: 6, anchors: 2 };
    expect(layout.decode(byChannel, { ...anchors, transposed: false }, options)).toEqual(expected);
    expect(layout.decode(byAnchor, { ...anchors, transposed: true }, options)).toEqual(expected);
  });

  test('reads the image asked for of a batch, and only scores above the threshold', () => {
    const batch = Float32Array.from([...new Float32Array(12), ...byChannel]);
    const shape = { batch: 2, channels: 6, anchors: 2, transposed: false };
    expect(layout.decode(batch, shape, options).scores).toHaveLength(0);
    const second = { ...options, index: 1, confidence: 0.3 };
    expect(layout.decode(batch, shape, second).scores).toEqual(Float32Array.from([0.9]));
  });

  test('finds the orientation by the number of classes, and refuses what fits neither way', () => {
    expect(layout.readShape([1, 84, 8400], 80)).toMatchObject({ anchors: 8400, transposed: false });
    expect(layout.readShape([4, 8400, 84], 80)).toMatchObject({ anchors: 8400, transposed: true });
    expect(() => layout.readShape([1, 84, 8400], 79)).toThrow('[1, 84, 8400]');
    expect(() => layout.readShape([1, 84], 80)).toThrow('its classes ask for [N, 84, anchors]');
    expect(LAYOUTS['yolo-segment'].readShape([1, 116, 2100], 80).anchors).toBe(2100);
  });
});

describe('final', () => {
  const layout = LAYOUTS['yolo-final'];
  const rows = [
    [1, 2, 3, 4, 0.9, 1],
    [5, 6, 7, 8, 0.5, 0],
    [0, 0, 0, 0, 0, 0],
  ].flat();
  test('reads the rows in use; says when all are', () => {
    const shape = layout.readShape([1, 3, 6], 2);
    const found = layout.decode(Float32Array.from(rows), shape, options);
    expect(found).toEqual({
      boxes: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
      scores: Float32Array.from([0.9, 0.5]),
      classes: Uint32Array.from([1, 0]),
      capped: false,
    });
    const full = layout.readShape([1, 2, 6], 2);
    expect(layout.decode(Float32Array.from(rows), full, options).capped).toBe(true);
  });
});
