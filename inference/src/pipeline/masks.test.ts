import { expect, test } from 'bun:test';
import { drawMask, toSoftMasks } from './masks.ts';
import { mergeTiles } from './merge.ts';
import { planTiles } from './tile.ts';

const photo = { width: 96, height: 64 };
const gain = { x: 1, y: 1 };

/** One prototype, 1 left of `edge` (in cells) and −1 from there on, on a grid of 16 × 16. */
const prototypes = (edge: number) => ({
  prototypes: Float32Array.from({ length: 256 }, (_, at) => (at % 16 < edge ? 1 : -1)),
  coefficients: Float32Array.of(1, -1),
  count: 1,
  width: 16,
  height: 16,
});
const [left, right] = planTiles(photo, { width: 64, height: 64, open: false }, 0.5);

test('the tiles are as the tests below take them', () => {
  expect([left?.x, right?.x]).toEqual([0, 32]);
});

test('a mask is where the upsampled logit is above 0, inside the box', () => {
  const boxes = Float32Array.of(10, 20, 50, 40, 10, 20, 50, 40);
  // Cells are 4 pixels wide; between the centres of cell 7 (30) and 8 (34) the logit crosses 0 at 32.
  const masks = toSoftMasks(prototypes(8), { tile: left!, boxes, kept: [0, 1] });
  const [first, second] = masks.map((parts) => drawMask(parts, gain, photo));
  expect(first).toMatchObject({ x: 10, y: 20, width: 40, height: 20 });
  // Runs of each row: 22 inside, 18 outside; the first one, outside, is empty.
  expect(first?.runs).toEqual([0, ...Array.from({ length: 40 }, (_, k) => (k % 2 ? 18 : 22))]);
  // The second object's coefficient is −1: what is left of the crossing is outside.
  expect(second?.runs).toEqual(Array.from({ length: 40 }, (_, k) => (k % 2 ? 18 : 22)));
});

test('a mask is drawn at the size of the photo, whatever the scale it was counted at', () => {
  const boxes = Float32Array.of(10, 20, 50, 40);
  const [parts] = toSoftMasks(prototypes(8), { tile: left!, boxes, kept: [0] });
  const large = drawMask(parts!, { x: 0.25, y: 0.5 }, { width: 384, height: 128 });
  expect(large).toMatchObject({ x: 40, y: 40, width: 160, height: 40 });
  expect(large.runs.slice(0, 3)).toEqual([0, 88, 72]);
});

test('a box turned inside out has an empty mask', () => {
  const boxes = Float32Array.of(50, 40, 10, 20);
  const [parts] = toSoftMasks(prototypes(8), { tile: left!, boxes, kept: [0] });
  expect(drawMask(parts!, gain, photo)).toMatchObject({ width: 0, height: 0, runs: [] });
});

test('an object that a tile edge cuts gets one mask of both its parts', () => {
  const object = (tile: typeof left, box: readonly number[], edge: number) => {
    const boxes = Float32Array.from(box);
    const masks = toSoftMasks(prototypes(edge), { tile: tile!, boxes, kept: [0] });
    const set = { boxes, scores: Float32Array.of(0.8), classes: new Uint32Array(1), masks };
    return { tile: tile!, set };
  };
  // Seen to its right edge by one, from its left edge by the other; the object ends at x = 80.
  const tiles = [object(left, [40, 8, 64, 24], 16), object(right, [32, 8, 90, 24], 12)];
  const { set } = mergeTiles(tiles, photo, { iou: 0.5, inside: 1 });
  expect([...set.boxes]).toEqual([32, 8, 90, 24]);
  const mask = drawMask(set.masks![0]!, gain, photo);
  expect(mask).toMatchObject({ x: 32, y: 8, width: 58, height: 16 });
  expect(mask.runs.slice(0, 5)).toEqual([0, 48, 10, 48, 10]);
  expect(mask.runs.reduce((sum, run) => sum + run, 0)).toBe(58 * 16);
});
