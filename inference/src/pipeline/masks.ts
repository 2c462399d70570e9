import type { MaskSource } from '../model/layouts/layout.ts';
import type { Size } from './geometry.ts';
import type { Tile } from './tile.ts';

/**
 * A mask before it is drawn: logits on the prototypes' coarse grid, of the cells that one box needs.
 * Some hundred numbers, where the drawn mask is thousands.
 */
export interface SoftMask {
  /** The first cell. */
  readonly column: number;
  readonly row: number;
  /** In cells. */
  readonly width: number;
  readonly height: number;
  readonly logits: Float32Array;
  /** From pixels of the scaled photo to cells. */
  readonly grid: Grid;
  /** x1, y1, x2, y2 in pixels of the scaled photo; the mask ends there. */
  readonly box: Float32Array;
}

/** cell = (pixel + shift) · gain − ½: centres of pixels and cells have whole numbers. */
interface Grid {
  readonly shiftX: number;
  readonly shiftY: number;
  readonly gainX: number;
  readonly gainY: number;
}

/** A mask in a window of the photo: lengths of alternating runs, outside first, row by row. */
export interface DrawnMask extends Size {
  readonly x: number;
  readonly y: number;
  readonly runs: number[];
}

/** Weighs the prototypes for the objects `kept`, whose boxes lie in pixels of the scaled photo. */
export function toSoftMasks(
  source: MaskSource,
  { tile, boxes, kept }: { tile: Tile; boxes: Float32Array; kept: ArrayLike<number> },
): readonly (readonly SoftMask[])[] {
  const grid = {
    shiftX: tile.left - tile.x,
    shiftY: tile.top - tile.y,
    gainX: source.width / tile.canvas.width,
    gainY: source.height / tile.canvas.height,
  };
  return Array.from(kept, (index) => {
    const box = boxes.slice(4 * index, 4 * index + 4);
    return [weigh(source, index, { box, grid })];
  });
}

function weigh(
  { prototypes, coefficients, count, width: cells, height: rows }: MaskSource,
  index: number,
  { box, grid }: { box: Float32Array; grid: Grid },
): SoftMask {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = box;
  // Drawing reads the cell before and after each pixel.
  const column = clamp(Math.floor((x1 + grid.shiftX) * grid.gainX - 0.5), cells - 1);
  const row = clamp(Math.floor((y1 + grid.shiftY) * grid.gainY - 0.5), rows - 1);
  const right = clamp(Math.ceil((x2 + grid.shiftX) * grid.gainX), cells - 1);
  const bottom = clamp(Math.ceil((y2 + grid.shiftY) * grid.gainY), rows - 1);
  const width = Math.max(right, column) + 1 - column;
  const height = Math.max(bottom, row) + 1 - row;
  const logits = new Float32Array(width * height);
  for (let plane = 0; plane < count; plane++) {
    const weight = coefficients[index * count + plane]!;
    for (let y = 0, to = 0; y < height; y++) {
      let from = (plane * rows + row + y) * cells + column;
      for (const end = from + width; from < end; from++)
        logits[to++]! += weight * prototypes[from]!;
    }
  }
  return { column, row, width, height, logits, grid, box };
}

/**
 * Draws an object: where the bilinear logit of a pixel's centre is above 0, inside the box. `gain` is
 * pixels of the scaled photo per pixel of the photo. Source: ultralytics/utils/ops.py `process_mask`
 * (their ONNX Runtime example cuts logits at 0.5, which makes masks smaller).
 */
export function drawMask(
  parts: readonly SoftMask[],
  gain: { readonly x: number; readonly y: number },
  photo: Size,
): DrawnMask {
  const windows = parts.map(({ box: [x1 = 0, y1 = 0, x2 = 0, y2 = 0] }) => {
    const left = clamp(Math.ceil(x1 / gain.x), photo.width);
    const top = clamp(Math.ceil(y1 / gain.y), photo.height);
    // A box turned inside out is empty.
    const right = Math.max(left, clamp(Math.ceil(x2 / gain.x), photo.width));
    const bottom = Math.max(top, clamp(Math.ceil(y2 / gain.y), photo.height));
    return { left, top, right, bottom };
  });
  const x = Math.min(...windows.map(({ left }) => left));
  const y = Math.min(...windows.map(({ top }) => top));
  const width = Math.max(...windows.map(({ right }) => right)) - x;
  const height = Math.max(...windows.map(({ bottom }) => bottom)) - y;
  const inside = new Uint8Array(width * height);
  for (const [index, part] of parts.entries()) {
    const { left, top, right, bottom } = windows[index]!;
    const columns = Array.from({ length: right - left }, (_, at) =>
      between((left + at + 0.5) * gain.x, part, 'x'),
    );
    const line = new Float32Array(part.width);
    for (let py = top; py < bottom; py++) {
      const { first, second, share } = between((py + 0.5) * gain.y, part, 'y');
      for (let cell = 0; cell < part.width; cell++) {
        const upper = part.logits[first * part.width + cell]!;
        line[cell] = upper + (part.logits[second * part.width + cell]! - upper) * share;
      }
      const to = (py - y) * width + left - x;
      for (const [at, taps] of columns.entries()) {
        const before = line[taps.first]!;
        if (before + (line[taps.second]! - before) * taps.share > 0) inside[to + at] = 1;
      }
    }
  }
  return { x, y, width, height, runs: toRuns(inside) };
}

/** The two cells around a place of the scaled photo, within the part, and how near the second is. */
function between(pixel: number, { grid, column, row, width, height }: SoftMask, axis: 'x' | 'y') {
  const across = axis === 'x';
  const cell = across
    ? (pixel + grid.shiftX) * grid.gainX - 0.5 - column
    : (pixel + grid.shiftY) * grid.gainY - 0.5 - row;
  const last = (across ? width : height) - 1;
  const first = clamp(Math.floor(cell), last);
  return {
    first,
    second: Math.min(first + 1, last),
    share: Math.min(Math.max(cell - first, 0), 1),
  };
}

function toRuns(inside: Uint8Array): number[] {
  const runs: number[] = [];
  let from = 0;
  for (let value = 0; from < inside.length; value = 1 - value) {
    const next = inside.indexOf(1 - value, from);
    const end = next < 0 ? inside.length : next;
    runs.push(end - from);
    from = end;
  }
  return runs;
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 0), max);
}
