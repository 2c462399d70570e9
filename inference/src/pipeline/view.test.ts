import { expect, test } from 'bun:test';
import type { ModelSpec } from '../model/model-spec.ts';
import { type Fit, ULTRALYTICS } from '../model/preprocessing.ts';
import { planView } from './view.ts';

function view(fit: Fit, photo: readonly [number, number], input: Partial<ModelSpec['input']> = {}) {
  const [width, height] = photo;
  const pixels = { ...ULTRALYTICS, fit };
  const own = { width: 64, height: 32, openWidth: false, pixels, ...input };
  const { size, tile } = planView({ width, height }, own as ModelSpec['input']);
  return {
    size: [size.width, size.height],
    // −0 is 0.
    at: [tile.left + 0, tile.top + 0],
    from: [tile.x, tile.y, tile.width, tile.height],
    canvas: [tile.canvas.width, tile.canvas.height],
  };
}

test('letterbox: as large as fits, in the middle; top-left: the same, there', () => {
  const shared = { size: [32, 32], from: [0, 0, 32, 32], canvas: [64, 32] };
  expect(view('letterbox', [640, 640])).toEqual({ ...shared, at: [16, 0] });
  expect(view('top-left', [640, 640])).toEqual({ ...shared, at: [0, 0] });
});

test('stretch: each axis by itself', () => {
  expect(view('stretch', [10, 999])).toMatchObject({ size: [64, 32], from: [0, 0, 64, 32] });
});

test('crop: the short side fits, the middle is seen', () => {
  const square = { width: 64, height: 64 };
  expect(view('crop', [300, 100], square)).toMatchObject({
    size: [192, 64],
    from: [64, 0, 64, 64],
    canvas: [64, 64],
  });
});

test('line: the height fits, the width follows if the model lets it, up to a bound', () => {
  expect(view('line', [300, 100], { openWidth: true })).toMatchObject({
    size: [96, 32],
    canvas: [96, 32],
  });
  expect(view('line', [320, 320], { openWidth: true })).toMatchObject({ canvas: [64, 32] });
  expect(view('line', [3_000, 100])).toMatchObject({ size: [64, 32], canvas: [64, 32] });
  expect(view('line', [90_000, 10], { openWidth: true })).toMatchObject({ canvas: [2_560, 32] });
});

test('multiple: whole steps of 32, no larger than the long side allows, nothing beside it', () => {
  const input = { width: 960, height: 960 };
  expect(view('multiple', [4_000, 3_000], input)).toMatchObject({
    size: [960, 736],
    canvas: [960, 736],
  });
  expect(view('multiple', [100, 10], input)).toMatchObject({ size: [96, 32], canvas: [96, 32] });
});
