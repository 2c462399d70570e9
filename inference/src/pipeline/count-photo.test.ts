import { expect, test } from 'bun:test';
import { rejection } from '../_testing.ts';
import type { Candidates } from '../model/layouts/layout.ts';
import type { ModelSpec } from '../model/model-spec.ts';
import { ULTRALYTICS } from '../model/preprocessing.ts';
import { type CountOptions, countPhoto, type TilingMode } from './count-photo.ts';
import type { Photo } from './decode.ts';
import type { Size } from './geometry.ts';
import { noTimings } from './timings.ts';

const spec = {
  input: { width: 64, height: 64, open: false, channels: 3, pixels: ULTRALYTICS },
  tiling: {
    mode: 'auto',
    overlap: 0,
    objectPx: [8, 64],
    longSidesPx: [64, 128],
    check: { upToPx: 0, moreThan: 1 },
  },
} as unknown as ModelSpec;

const nothing: Candidates = {
  boxes: new Float32Array(),
  scores: new Float32Array(),
  classes: new Uint32Array(),
  capped: false,
};

/** Counts a grey photo; the model answers `found` for every tile. */
async function count(photo: Size, { tiling, pixelsMax = 1_000_000, found = nothing }: Options) {
  const decoded: Size[] = [];
  const grey: Photo = {
    ...photo,
    decode: async (size) => {
      decoded.push(size);
      return { ...size, data: new Uint8Array(size.width * size.height * 3).fill(128) };
    },
  };
  const batcher: CountOptions['batcher'] = {
    submit: async () => ({ candidates: structuredClone(found), inferenceMs: 1, fillMs: 1 }),
  };
  const result = await countPhoto(grey, {
    ...{ spec, batcher, tiling, pixelsMax, confidence: 0.5, iou: 0.5, inside: 1, overlap: 0 },
    ...{ edgeConfidence: 0, masks: true, lane: 0, timings: noTimings() },
    signal: new AbortController().signal,
  });
  return { result, decoded };
}

interface Options {
  readonly tiling: TilingMode;
  readonly pixelsMax?: number;
  readonly found?: Candidates;
}

test('a photo is never enlarged beyond the pixels that a photo may have', async () => {
  const photo = { width: 400, height: 300 };
  // Tiles of 16 pixels for an input of 64: four times each way.
  const sixteenfold = 16 * 400 * 300;
  const fits = await count(photo, { tiling: { tilePx: 16 }, pixelsMax: sixteenfold });
  expect(fits.decoded).toEqual([{ width: 1_600, height: 1_200 }]);
  const error = await rejection(
    count(photo, { tiling: { tilePx: 16 }, pixelsMax: sixteenfold - 1 }),
  );
  expect(error).toMatchObject({ code: 'INVALID_INPUT' });
  // A photo as large as may be is counted at its own size all the same.
  const native = await count(photo, { tiling: { tilePx: 64 }, pixelsMax: 1 });
  expect(native.decoded).toEqual([photo]);
});

test('tiles smaller than a quarter of the input are refused', async () => {
  const error = await rejection(count({ width: 90, height: 90 }, { tiling: { tilePx: 15 } }));
  expect(error).toMatchObject({ code: 'INVALID_INPUT' });
});

test('everything that an object has comes in pixels of the photo, at its own scale', async () => {
  const found: Candidates = {
    boxes: Float32Array.of(8, 16, 24, 32),
    scores: Float32Array.of(0.9),
    classes: Uint32Array.of(0),
    capped: false,
    keypoints: Float32Array.of(16, 24, 0.7),
    masks: {
      coefficients: Float32Array.of(1),
      prototypes: new Float32Array(64).fill(1),
      count: 1,
      width: 8,
      height: 8,
    },
  };
  // Half as high as wide: 16 grey rows above it in the letterbox.
  const { result } = await count({ width: 256, height: 128 }, { tiling: 'off', found });
  expect(result).toMatchObject({ countedLongSidePx: 64, tiles: 1, capped: false });
  expect([...result.set.boxes]).toEqual([32, 0, 96, 64]);
  expect(result.set.keypoints?.[0]).toBe(64);
  expect(result.set.keypoints?.[1]).toBe(32);
  expect(result.masks).toEqual([{ x: 32, y: 0, width: 64, height: 64, runs: [0, 64 * 64] }]);
});
