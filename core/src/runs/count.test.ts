import { describe, expect, test } from 'bun:test';
import type { Result__Output } from '@demeter/proto';
import fc from 'fast-check';
import { toCount } from './count.ts';

type Found = NonNullable<Result__Output['detections']>;
type Boxes = Pick<Found, 'boxes' | 'confidences' | 'class_ids' | 'class_names'>;

const result = (boxes: Boxes): Result__Output => ({
  work_id: 'w',
  sha256: Buffer.alloc(32),
  width: 100,
  height: 80,
  detections: { ...boxes, rotated: [], masks: [], keypoints: [], keypoints_per_object: 0 },
  counted_long_side_px: 100,
  tiles: 1,
  capped: false,
  timings: null,
  provider: 'cpu',
  server_id: 's',
  classifications: [],
  embedding: [],
  texts: [],
});

const box = fc
  .tuple(...Array.from({ length: 4 }, () => fc.float({ min: 0, max: 100, noNaN: true })))
  .map(([a, b, c, d]) => [Math.min(a!, c!), Math.min(b!, d!), Math.max(a!, c!), Math.max(b!, d!)]);
const found = fc.array(
  fc.record({ box, confidence: fc.float({ min: 0, max: 1, noNaN: true }), id: fc.nat(2) }),
);

describe('a count', () => {
  test('has one entry a box, and its classes add up to it', () => {
    fc.assert(
      fc.property(found, (objects) => {
        const count = toCount(
          result({
            boxes: objects.flatMap((object) => object.box),
            confidences: objects.map((object) => object.confidence),
            class_ids: objects.map((object) => object.id),
            class_names: ['a', 'b', 'c'],
          }),
        );
        const sum = Object.values(count.counts).reduce((a, b) => a + b, 0);
        expect(count.detected).toBe(objects.length);
        expect(sum).toBe(objects.length);
        expect(count.x2).toEqual(objects.map((object) => object.box[2]!));
      }),
    );
  });

  test.each([
    ['a missing box', { boxes: [1, 2, 3], confidences: [0.5], class_ids: [0], class_names: ['a'] }],
    [
      'a class without name',
      { boxes: [1, 2, 3, 4], confidences: [0.5], class_ids: [3], class_names: ['a'] },
    ],
    [
      'corners swapped',
      { boxes: [3, 2, 1, 4], confidences: [0.5], class_ids: [0], class_names: ['a'] },
    ],
    [
      'NaN',
      { boxes: [Number.NaN, 2, 3, 4], confidences: [0.5], class_ids: [0], class_names: ['a'] },
    ],
    [
      'a confidence above 1',
      { boxes: [1, 2, 3, 4], confidences: [1.5], class_ids: [0], class_names: ['a'] },
    ],
  ])('with %s is refused', (_, detections) => {
    expect(() => toCount(result(detections))).toThrow('does not agree');
  });
});
