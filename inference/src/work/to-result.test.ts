import { expect, test } from 'bun:test';
import type { ModelSpec } from '../model/model-spec.ts';
import type { PhotoCount } from '../pipeline/count-photo.ts';
import type { Sight } from './look.ts';
import { toResult } from './to-result.ts';

const photo = { width: 200, height: 100 };

interface Object {
  readonly x: number;
  readonly score: number;
  readonly of: number;
}

/** Squares of 10 pixels; each with a mask and `points` keypoints where asked for. */
function sight(
  role: string,
  classNames: readonly string[],
  objects: readonly Object[],
  { masks = false, points = 0 } = {},
): Sight {
  const set = {
    boxes: Float32Array.from(objects.flatMap(({ x }) => [x, 0, x + 10, 10])),
    scores: Float32Array.from(objects, ({ score }) => score),
    classes: Uint32Array.from(objects, ({ of }) => of),
    keypoints: points ? new Float32Array(objects.length * points * 3).fill(1) : undefined,
  };
  const drawn = objects.map(({ x }) => ({ x, y: 0, width: 10, height: 10, runs: [0, 100] }));
  const count: PhotoCount = {
    ...photo,
    set,
    masks: masks ? drawn : [],
    countedLongSidePx: 200,
    tiles: 2,
    capped: false,
  };
  const spec = { classNames, weight: 1 } as unknown as ModelSpec;
  return { role, spec, count, confidence: 0.2 };
}

const pot = { x: 20, score: 0.75, of: 0 };
const plant = { x: 50, score: 0.5, of: 1 };

test('one model: as it is, in its own classes', () => {
  const { detections, tiles } = toResult(photo, [
    sight('a', ['pot', 'pot'], [pot, plant], { masks: true, points: 2 }),
  ]);
  expect(detections).toMatchObject({
    boxes: [20, 0, 30, 10, 50, 0, 60, 10],
    confidences: [0.75, 0.5],
    class_ids: [0, 1],
    class_names: ['pot', 'pot'],
    rotated: [],
    keypoints_per_object: 2,
  });
  expect(detections?.masks?.map((mask) => mask.x)).toEqual([20, 50]);
  expect(tiles).toBe(2);
});

test('one role: classes meet by their names; a mask stays with its object', () => {
  const first = sight('a', ['pot', 'plant'], [pot, plant], { masks: true });
  // The same two objects, in classes the other way round.
  const mirrored = [
    { ...plant, of: 0, score: 0.75 },
    { ...pot, of: 1, score: 0.5 },
  ];
  const second = sight('a', ['plant', 'pot'], mirrored, { masks: true });
  const { detections, tiles } = toResult(photo, [first, second]);
  expect(detections?.class_names).toEqual(['pot', 'plant']);
  expect(detections?.confidences).toEqual([0.625, 0.625]);
  const found = detections?.class_ids?.map((id, k) => [id, detections.masks?.[k]?.x]);
  expect(found?.toSorted()).toEqual([
    [0, 20],
    [1, 50],
  ]);
  expect(tiles).toBe(4);
});

test('what only some of the models make is left out, rather than given to other objects', () => {
  const without = sight('a', ['pot', 'plant'], [pot], { points: 3 });
  const with_ = sight('a', ['pot', 'plant'], [plant], { masks: true, points: 2 });
  const { detections } = toResult(photo, [without, with_]);
  expect(detections).toMatchObject({ masks: [], keypoints: [], keypoints_per_object: 0 });
  expect(detections?.confidences).toEqual([0.375, 0.25]);
});

test('several roles: side by side, best first, each in its class', () => {
  const { detections } = toResult(photo, [
    sight('a', ['pot'], [{ ...pot, score: 0.25 }], { masks: true }),
    sight('b', ['plant'], [{ ...plant, of: 0 }], { masks: true }),
  ]);
  expect(detections).toMatchObject({
    confidences: [0.5, 0.25],
    class_ids: [1, 0],
    class_names: ['pot', 'plant'],
  });
  expect(detections?.masks?.map((mask) => mask.x)).toEqual([50, 20]);
});

test('a classifier answers its ten best; nothing else is there', () => {
  const classNames = Array.from({ length: 12 }, (_, k) => `class ${k}`);
  const spec = { classNames } as unknown as ModelSpec;
  const classScores = Float32Array.from(classNames, (_, k) => k / 16);
  const result = toResult(photo, [{ role: 'a', spec, confidence: 0.2, classScores }]);
  expect(result.classifications).toHaveLength(10);
  expect(result.classifications?.[0]).toEqual({ class_name: 'class 11', confidence: 11 / 16 });
  expect(result).toMatchObject({ tiles: 1, capped: false, texts: [], embedding: [] });
  expect(result.detections?.confidences).toEqual([]);
});
