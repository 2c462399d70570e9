import { AppError } from '@demeter/common/errors';
import { fillPixels, fillTile } from '../model/fill-tile.ts';
import type { Candidates } from '../model/layouts/layout.ts';
import type { ModelSpec } from '../model/model-spec.ts';
import { toChannels } from '../model/preprocessing.ts';
import type { Batcher } from './batcher.ts';
import type { Photo } from './decode.ts';
import { longSide, type RawImage, type Size, scaled } from './geometry.ts';
import { type DrawnMask, drawMask } from './masks.ts';
import { type Merged, mergeTiles } from './merge.ts';
import type { Objects } from './objects.ts';
import { dropUnsureAtEdge } from './photo-edge.ts';
import { chooseScale, planScales } from './scale.ts';
import { takeTurns } from './take-turns.ts';
import { planTiles, type Tile } from './tile.ts';
import { toPhotoPixels, toScaledPhoto } from './tile-objects.ts';
import { type Timings, timed } from './timings.ts';
import { planView } from './view.ts';

export type TilingMode = 'auto' | 'off' | { readonly tilePx: number };

/** What any model needs to look at a photo. */
export interface LookOptions {
  readonly spec: ModelSpec;
  readonly batcher: Pick<Batcher, 'submit'>;
  readonly confidence: number;
  readonly lane: number;
  readonly signal: AbortSignal;
  readonly timings: Timings;
}

export interface CountOptions extends LookOptions {
  readonly tiling: TilingMode;
  /** 0..0.5 */
  readonly overlap: number;
  readonly iou: number;
  readonly inside: number;
  readonly edgeConfidence: number;
  readonly masks: boolean;
  /** A photo larger than this is not taken, and none is enlarged beyond it. */
  readonly pixelsMax: number;
}

export interface PhotoCount extends Size {
  /** In pixels of the upright photo, best score first. */
  readonly set: Objects;
  /** One an object, where asked for and the model makes them; else empty. */
  readonly masks: readonly DrawnMask[];
  readonly countedLongSidePx: number;
  readonly tiles: number;
  readonly capped: boolean;
}

/** One scale at which the photo went through the model; lengths in pixels of that scale. */
interface Level extends Merged {
  readonly size: Size;
  readonly tiles: number;
}

/**
 * Finds the objects in one photo. Throws UNDECODABLE_PHOTO, INVALID_INPUT, INFERENCE_FAILED, or the
 * signal's reason.
 */
export async function countPhoto(photo: Photo, options: CountOptions): Promise<PhotoCount> {
  const sizes = planSizes(photo, options);
  const levels: Level[] = [];
  const look = async (index: number): Promise<Level> => {
    levels[index] = await countLevel(photo, sizes[index]!, options);
    return levels[index];
  };
  const level = levels[await chooseScale(sizes.map(longSide), look, options.spec.tiling)]!;
  const gain = { x: level.size.width / photo.width, y: level.size.height / photo.height };
  const found = toPhotoPixels(level.set, gain);
  const set = dropUnsureAtEdge(found, photo, options.edgeConfidence);
  const turn = takeTurns();
  const masks: DrawnMask[] = [];
  for (const parts of set.masks ?? []) {
    await turn();
    masks.push(drawMask(parts, gain, photo));
  }
  return {
    width: photo.width,
    height: photo.height,
    set,
    masks,
    countedLongSidePx: longSide(level.size),
    tiles: levels.reduce((sum, each) => sum + each.tiles, 0),
    capped: level.capped,
  };
}

/** Decodes the photo at one size, runs its tiles and puts them together. */
async function countLevel(photo: Photo, size: Size, options: CountOptions): Promise<Level> {
  options.signal.throwIfAborted();
  const { spec, timings } = options;
  const whole = options.tiling === 'off';
  // Each as the model was trained: Ultralytics' letterbox is bilinear, our own levels are not.
  const kernel = whole ? 'linear' : 'lanczos3';
  const image = await timed(timings, 'decodeMs', () => photo.decode(size, kernel));
  const plan = whole
    ? [planView(photo, spec.input).tile]
    : planTiles(size, spec.input, options.overlap);
  const parts = await Promise.all(
    plan.map(async (tile) => {
      const found = await runTile(image, tile, options);
      const objects = toScaledPhoto(tile, found, options);
      return { tile, set: { ...objects, capped: found.capped } };
    }),
  );
  const started = performance.now();
  const merged = mergeTiles(parts, size, options);
  timings.mergeMs += performance.now() - started;
  return { size, tiles: plan.length, ...merged };
}

/** The sizes at which the photo is tried, in order. Throws INVALID_INPUT. */
function planSizes(photo: Photo, options: CountOptions): readonly Size[] {
  const { input, tiling } = options.spec;
  if (options.tiling === 'off') return [planView(photo, input).size];
  const ratios =
    options.tiling === 'auto'
      ? planScales(photo, tiling).map((side) => side / longSide(photo))
      : [fixedRatio(options.tiling.tilePx, Math.max(input.width, input.height))];
  const sizes = ratios.map((ratio) => scaled(photo, ratio));
  const most = Math.max(options.pixelsMax, photo.width * photo.height);
  if (sizes.every(({ width, height }) => width * height <= most)) return sizes;
  throw new AppError('INVALID_INPUT', `The photo would be enlarged beyond ${most} pixels.`, {
    field: 'tiling',
  });
}

/** How the photo is scaled so that tiles of `tilePx` of it fill the model's input. */
function fixedRatio(tilePx: number, inputPx: number): number {
  if (tilePx >= inputPx / 4) return inputPx / tilePx;
  throw new AppError('INVALID_INPUT', `A tile is at least ${inputPx / 4} pixels for this model.`, {
    field: 'tiling',
  });
}

/** Sends one tile of a decoded photo through the model. Throws INFERENCE_FAILED, or the signal's reason. */
export async function runTile(
  image: RawImage,
  tile: Tile,
  options: LookOptions & { readonly masks?: boolean },
): Promise<Candidates> {
  const { batcher, spec, lane, confidence, signal, timings } = options;
  const { pixels, channels } = spec.input;
  const ran = await batcher.submit({
    lane,
    ask: { confidence, masks: options.masks ?? false },
    signal,
    canvas: tile.canvas,
    fill: (target) => {
      if (target instanceof Uint8Array) fillPixels(image, tile, { target, pad: pixels.pad });
      else fillTile(image, tile, { target, channels: toChannels(pixels, channels) });
    },
  });
  timings.tileMs += ran.fillMs;
  timings.inferenceMs += ran.inferenceMs;
  return ran.candidates;
}
