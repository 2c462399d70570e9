import { ULTRALYTICS } from '../preprocessing.ts';
import type { Candidates, Layout } from './layout.ts';
import { minAreaRect, type Rotated } from './min-area-rect.ts';
import { toHulls } from './rotated.ts';
import { findOutput, ofImage } from './tensors.ts';

/** Pixels above it belong to text. */
const TEXT_MIN = 0.3;
/** The map shows the core of a line; the line is so much larger. */
const UNCLIP_RATIO = 1.5;
/** Shorter sides are noise, before and after the line is made larger. */
const SIDE_MIN_PX = 3;
/** Candidates looked at in one photo. */
const LINES_MAX = 1_000;

/**
 * Differentiable binarisation: [N, 1, H, W], how surely each pixel is text. Each connected piece gives
 * a line: the least rotated box around it, enlarged; its score is the mean inside. BGR with ImageNet's
 * mean and std (in the order R, G, B, as PaddleOCR applies them); open size.
 * Source: PaddleOCR ppocr/postprocess/db_postprocess.py (thresh 0.3, unclip_ratio 1.5).
 */
export const dbText: Layout = {
  name: 'db-text',
  task: 'find-text',
  preprocessing: {
    ...ULTRALYTICS,
    fit: 'multiple',
    colour: 'BGR',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
  confidence: 0.6,
  recognise: ({ inputs, outputs }) => {
    const [, channels, height, width] = inputs[0]?.dims ?? [];
    const { name, dims } = outputs[0] ?? { name: '', dims: [] };
    const open = inputs[0]?.dims.length === 4 && channels === 3 && !height && !width;
    const map = outputs.length === 1 && dims.length === 4 && dims[1] === 1 && !dims[2] && !dims[3];
    // The names that Paddle's exporters give.
    if (!open || !map || !/^(sigmoid|fetch_name|save_infer_model)/.test(name)) return undefined;
    return { classNames: ['text'], size: { width: 960, height: 960 } };
  },
  decode: (outputs, { index, width, height, confidence }) => {
    const output = findOutput(
      outputs,
      'A map [N, 1, H, W]',
      ({ dims }) => dims.length === 4 && dims[1] === 1,
    );
    const map = { data: ofImage(output, index), height: output.dims[2]!, width: output.dims[3]! };
    const pieces = findPieces(map);
    const lines: { rect: Rotated; score: number }[] = [];
    for (const piece of pieces.slice(0, LINES_MAX)) {
      const rect = minAreaRect(piece);
      if (Math.min(rect[2], rect[3]) < SIDE_MIN_PX) continue;
      const score = meanInside(map, rect);
      const line = enlarge(rect);
      if (score > confidence && Math.min(line[2], line[3]) >= SIDE_MIN_PX + 2) {
        lines.push({ rect: line, score });
      }
    }
    return toCandidates(lines, pieces.length > LINES_MAX, [width / map.width, height / map.height]);
  },
};

interface TextMap {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

type Point = readonly [x: number, y: number];

/** Pieces that hang together, corners included: the first and last pixel of each of their rows. */
function findPieces({ data, width, height }: TextMap): readonly (readonly Point[])[] {
  const seen = new Uint8Array(data.length);
  const pieces: Point[][] = [];
  for (let start = 0; start < data.length; start++) {
    if (seen[start] || data[start]! <= TEXT_MIN) continue;
    const rows = new Map<number, { first: number; last: number }>();
    const open = [start];
    seen[start] = 1;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const x = at % width;
      const y = (at - x) / width;
      const row = rows.get(y);
      if (row === undefined) rows.set(y, { first: x, last: x });
      else if (x < row.first) row.first = x;
      else if (x > row.last) row.last = x;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const next = ny * width + nx;
          if (seen[next] || data[next]! <= TEXT_MIN) continue;
          seen[next] = 1;
          open.push(next);
        }
      }
    }
    pieces.push(
      [...rows].flatMap(([y, { first, last }]): Point[] => [
        [first, y],
        [last, y],
      ]),
    );
  }
  return pieces;
}

function meanInside({ data, width, height }: TextMap, rect: Rotated): number {
  const [cx, cy, w, h, angle] = rect;
  const [x1, y1, x2, y2] = toHulls(Float32Array.from(rect));
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  let sum = 0;
  let count = 0;
  for (let y = Math.max(0, Math.floor(y1!)); y <= Math.min(height - 1, Math.ceil(y2!)); y++) {
    for (let x = Math.max(0, Math.floor(x1!)); x <= Math.min(width - 1, Math.ceil(x2!)); x++) {
      const across = Math.abs((x - cx) * cos + (y - cy) * sin);
      const down = Math.abs((y - cy) * cos - (x - cx) * sin);
      if (across > w / 2 + 0.5 || down > h / 2 + 0.5) continue;
      sum += data[y * width + x]!;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}

function enlarge([cx, cy, width, height, angle]: Rotated): Rotated {
  const by = (width * height * UNCLIP_RATIO) / (2 * (width + height));
  return [cx, cy, width + 2 * by, height + 2 * by, angle];
}

/** From the map's pixels to the input's; both axes have the same gain in every export known. */
function toCandidates(
  lines: readonly { rect: Rotated; score: number }[],
  capped: boolean,
  [gainX, gainY]: readonly [number, number],
): Candidates {
  const rotated = Float32Array.from(
    lines.flatMap(({ rect: [cx, cy, w, h, angle] }) => [
      ...[cx * gainX, cy * gainY, w * gainX, h * gainY, angle],
    ]),
  );
  return {
    boxes: toHulls(rotated),
    scores: Float32Array.from(lines, ({ score }) => score),
    classes: new Uint32Array(lines.length),
    rotated,
    capped,
  };
}
