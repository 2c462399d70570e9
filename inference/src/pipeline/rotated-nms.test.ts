import { expect, test } from 'bun:test';
import { toCorners, toHulls } from '../model/layouts/rotated.ts';
import { nmsRotated, probIou } from './rotated-nms.ts';
import { toPhotoPixels } from './tile-objects.ts';

const boxes = (...list: readonly (readonly number[])[]) => Float32Array.from(list.flat());

test('ProbIoU is 1 for one box, whichever way it is written, and falls with distance', () => {
  const square = [50, 50, 20, 20, 0] as const;
  const turned = [50, 50, 20, 20, Math.PI / 2] as const;
  const rotated = boxes(square, turned, [60, 50, 20, 20, 0], [70, 50, 20, 20, 0]);
  expect(probIou(rotated, 0, 0)).toBeCloseTo(1, 3);
  expect(probIou(rotated, 0, 1)).toBeCloseTo(1, 3);
  // Two unit Gaussians of variance s² = 20² / 12, d apart: 1 − √(1 − exp(−d² / (8 s²))).
  const overlap = (d: number) => 1 - Math.sqrt(1 - Math.exp(-(d ** 2) / (8 * (400 / 12))));
  expect(probIou(rotated, 0, 2)).toBeCloseTo(overlap(10), 4);
  expect(probIou(rotated, 0, 3)).toBeCloseTo(overlap(20), 4);
});

test('crossed boxes whose hulls are one stay two; a box that was suppressed suppresses nobody', () => {
  const crossed = boxes([50, 50, 60, 6, Math.PI / 4], [50, 50, 60, 6, -Math.PI / 4]);
  const row = boxes([0, 0, 20, 20, 0], [8, 0, 20, 20, 0], [16, 0, 20, 20, 0]);
  const kept = (rotated: Float32Array, scores: readonly number[]) => {
    const set = {
      boxes: toHulls(rotated),
      scores: Float32Array.from(scores),
      classes: new Uint32Array(scores.length),
    };
    return [...nmsRotated(set, rotated, { iou: 0.45, inside: 1 })];
  };
  expect(kept(crossed, [0.9, 0.8])).toEqual([0, 1]);
  expect(kept(row, [0.9, 0.8, 0.7])).toEqual([0, 2]);
});

test('corners go clockwise from the upper left; hulls stand around them', () => {
  expect(toCorners([10, 20, 8, 4, 0])).toEqual([6, 18, 14, 18, 14, 22, 6, 22]);
  const quarter = toCorners([10, 20, 8, 4, Math.PI / 2]).map((value) => Math.round(value));
  expect(quarter).toEqual([12, 16, 12, 24, 8, 24, 8, 16]);
  const [x1, y1, x2, y2] = toHulls(boxes([0, 0, 2, 2, Math.PI / 4]));
  for (const side of [-x1!, -y1!, x2!, y2!]) expect(side).toBeCloseTo(Math.SQRT2, 5);
});

test('a box turned by a quarter trades its sides where the axes have unequal gains', () => {
  const rotated = boxes([10, 20, 8, 4, 0], [10, 20, 8, 4, Math.PI / 2]);
  const set = {
    boxes: toHulls(rotated),
    scores: Float32Array.of(1, 1),
    classes: Uint32Array.of(0, 0),
    rotated,
    keypoints: Float32Array.of(10, 20, 0.5, 10, 20, 0.5),
  };
  const found = toPhotoPixels(set, { x: 0.5, y: 0.25 });
  const [, , width, height, angle] = found.rotated!.subarray(5);
  expect([...found.rotated!.subarray(0, 5)]).toEqual([20, 80, 16, 16, 0]);
  expect(width).toBeCloseTo(32, 4);
  expect(height).toBeCloseTo(8, 4);
  expect(angle).toBeCloseTo(Math.PI / 2, 5);
  expect([...found.keypoints!.subarray(0, 3)]).toEqual([20, 80, 0.5]);
});
