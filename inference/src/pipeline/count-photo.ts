import { AppError } from '@demeter/common/errors';
import type { ModelSpec } from '../model/model-spec.ts';
import { toChannels } from '../model/preprocessing.ts';
import type { Batcher, TileResult } from './batcher.ts';
import { openPhoto, type Photo } from './decode.ts';
import { longSide, type RawImage, type Size, scaled } from './geometry.ts';
import { type Merged, mergeTiles } from './merge.ts';
import type { BoxSet } from './nms.ts';
import { dropUnsureAtEdge } from './photo-edge.ts';
import { chooseScale, planScales } from './scale.ts';
import { fillTile, planTiles, planWhole, type Tile } from './tile.ts';

export type TilingMode = 'auto' | 'off' | { readonly tilePx: number };

export interface CountOptions {
  readonly bytes: Uint8Array;
  readonly pixelsMax: number;
  readonly spec: ModelSpec;
  readonly batcher: Pick<Batcher, 'submit'>;
  readonly tiling: TilingMode;
  /** 0..0.5 */
  readonly overlap: number;
  readonly confidence: number;
  readonly iou: number;
  readonly inside: number;
  readonly edgeConfidence: number;
  readonly lane: number;
  readonly signal: AbortSignal;
}

export interface Timings {
  decodeMs: number;
  tileMs: number;
  inferenceMs: number;
  mergeMs: number;
}

export interface PhotoCount extends Size {
  /** Boxes in pixels of the upright photo, best score first. */
  readonly set: BoxSet;
  readonly countedLongSidePx: number;
  readonly tiles: number;
  readonly capped: boolean;
  readonly timings: Timings;
}

/** One scale at which the photo went through the model; boxes in pixels of that scale. */
interface Level extends Merged {
  readonly size: Size;
  readonly tiles: number;
}

/**
 * Finds the objects in one photo. Throws UNDECODABLE_PHOTO, TOO_MANY_PIXELS, NOT_AN_IMAGE,
 * INVALID_INPUT, INFERENCE_FAILED, or the signal's reason.
 */
export async function countPhoto(options: CountOptions): Promise<PhotoCount> {
  const timings: Timings = { decodeMs: 0, tileMs: 0, inferenceMs: 0, mergeMs: 0 };
  const photo = await timed(timings, 'decodeMs', () => openPhoto(options.bytes, options.pixelsMax));
  const sizes = planSizes(photo, options);
  const levels: Level[] = [];
  const look = async (index: number): Promise<Level> => {
    levels[index] = await countLevel(photo, sizes[index]!, options, timings);
    return levels[index];
  };
  const level = levels[await chooseScale(sizes.map(longSide), look, options.spec.tiling)]!;
  return {
    width: photo.width,
    height: photo.height,
    set: dropUnsureAtEdge(toPhotoPixels(level, photo), photo, options.edgeConfidence),
    countedLongSidePx: longSide(level.size),
    tiles: levels.reduce((sum, each) => sum + each.tiles, 0),
    capped: level.capped,
    timings,
  };
}

/** Decodes the photo at one size, runs its tiles and puts them together. */
async function countLevel(
  photo: Photo,
  size: Size,
  options: CountOptions,
  timings: Timings,
): Promise<Level> {
  options.signal.throwIfAborted();
  const { input } = options.spec;
  const whole = options.tiling === 'off';
  // Each as the model was trained: Ultralytics' letterbox is bilinear, our own levels are not.
  const kernel = whole ? 'linear' : 'lanczos3';
  const image = await timed(timings, 'decodeMs', () => photo.decode(size, kernel));
  const plan = whole ? planWhole(size, input) : planTiles(size, input, options.overlap);
  const results = await runTiles(image, plan, options);
  for (const { fillMs, inferenceMs } of results) {
    timings.tileMs += fillMs;
    timings.inferenceMs += inferenceMs;
  }
  const started = performance.now();
  const merged = mergeTiles(toPhotoScale(plan, results), size, options);
  timings.mergeMs += performance.now() - started;
  return { size, tiles: plan.length, ...merged };
}

/** The sizes at which the photo is tried, in order. */
function planSizes(photo: Photo, options: CountOptions): readonly Size[] {
  const { input, tiling } = options.spec;
  if (options.tiling === 'auto') {
    return planScales(photo, tiling).map((side) => scaled(photo, side / longSide(photo)));
  }
  if (options.tiling === 'off') {
    return [scaled(photo, Math.min(input.width / photo.width, input.height / photo.height))];
  }
  const { tilePx } = options.tiling;
  const inputPx = Math.max(input.width, input.height);
  if (tilePx < inputPx / 4) {
    throw new AppError(
      'INVALID_INPUT',
      `A tile is at least ${inputPx / 4} pixels for this model.`,
      {
        field: 'tiling',
      },
    );
  }
  return [scaled(photo, inputPx / tilePx)];
}

function runTiles(
  image: RawImage,
  plan: readonly Tile[],
  { batcher, spec, lane, confidence, signal }: CountOptions,
): Promise<TileResult[]> {
  const channels = toChannels(spec.input.pixels, spec.input.channels);
  return Promise.all(
    plan.map((tile) =>
      batcher.submit({
        lane,
        ask: { confidence, masks: false },
        signal,
        canvas: tile.canvas,
        fill: (target) => fillTile(image, tile, { target, channels }),
      }),
    ),
  );
}

/** Boxes of each tile, from the model's input to the scaled photo, cut at the tile's own pixels. */
function toPhotoScale(plan: readonly Tile[], results: readonly TileResult[]) {
  return results.map(({ candidates }, index) => {
    const tile = plan[index]!;
    const { boxes } = candidates;
    for (let i = 0; i < boxes.length; i += 2) {
      boxes[i] = clamp(boxes[i]! - tile.left, tile.width) + tile.x;
      boxes[i + 1] = clamp(boxes[i + 1]! - tile.top, tile.height) + tile.y;
    }
    return { tile, set: candidates };
  });
}

/** Each axis has its own gain: the scaled size is rounded. */
function toPhotoPixels(level: Level, photo: Size): BoxSet {
  const gainX = level.size.width / photo.width;
  const gainY = level.size.height / photo.height;
  const boxes = level.set.boxes.map((value, index) => value / (index % 2 === 0 ? gainX : gainY));
  return { ...level.set, boxes };
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 0), max);
}

async function timed<T>(timings: Timings, field: keyof Timings, run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await run();
  } finally {
    timings[field] += performance.now() - started;
  }
}
