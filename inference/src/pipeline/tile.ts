import type { Size } from './geometry.ts';

/** A window of the scaled photo and where it stands in the model's input. Pixels throughout. */
export interface Tile extends Size {
  readonly x: number;
  readonly y: number;
  /** Grey before the window, in the model's input. */
  readonly left: number;
  readonly top: number;
  /** Size of the model's input for this tile. */
  readonly canvas: Size;
}

/** A model's input size, and whether the model also takes smaller ones. */
export interface TileInput extends Size {
  readonly open: boolean;
}

/** Strides of the networks divide it. */
const CANVAS_STEP_PX = 32;

/**
 * The whole photo, no larger than the input, in its middle, as Ultralytics' letterbox puts it
 * (ultralytics/data/augment.py).
 */
export function planWhole(photo: Size, { width, height }: Size): readonly Tile[] {
  const left = Math.round((width - photo.width) / 2 - 0.1);
  const top = Math.round((height - photo.height) / 2 - 0.1);
  return [
    { x: 0, y: 0, width: photo.width, height: photo.height, left, top, canvas: { width, height } },
  ];
}

/**
 * Covers `photo` with windows of the size of the model's input, each repeating `overlap` (0..0.5) of
 * the one before; the last ones are shifted inwards to full size. A photo smaller than the input
 * stands at its top left, padded no further than a model of open size needs: grey beyond the photo
 * changed counts by up to two (models/train/count.py, validation palms).
 */
export function planTiles(photo: Size, input: TileInput, overlap: number): readonly Tile[] {
  const columns = planAxis(photo.width, input.width, overlap);
  const rows = planAxis(photo.height, input.height, overlap);
  return rows.flatMap((row) =>
    columns.map((column) => ({
      x: column.start,
      y: row.start,
      width: column.length,
      height: row.length,
      left: 0,
      top: 0,
      canvas: input.open
        ? { width: toStep(column.length), height: toStep(row.length) }
        : { width: input.width, height: input.height },
    })),
  );
}

function toStep(length: number): number {
  return Math.ceil(length / CANVAS_STEP_PX) * CANVAS_STEP_PX;
}

interface Span {
  readonly start: number;
  readonly length: number;
}

function planAxis(length: number, window: number, overlap: number): readonly Span[] {
  if (length <= window) return [{ start: 0, length }];
  const step = Math.max(1, Math.floor(window * (1 - overlap)));
  const count = Math.ceil((length - window) / step) + 1;
  return Array.from({ length: count }, (_, index) => ({
    start: Math.min(index * step, length - window),
    length: window,
  }));
}
