import type { Candidates } from '../model/layouts/layout.ts';
import { toCorners } from '../model/layouts/rotated.ts';
import { type LookOptions, runTile } from './count-photo.ts';
import type { Photo } from './decode.ts';
import { longSide, type RawImage, type Size, scaled } from './geometry.ts';
import { toPhotoPixels, toScaledPhoto } from './tile-objects.ts';
import { timed } from './timings.ts';
import { planView } from './view.ts';

/** A line of text in pixels of the upright photo. */
export interface Line {
  readonly text: string;
  readonly confidence: number;
  /** x, y of its four corners, clockwise from its upper left. */
  readonly corners: readonly number[];
}

/** Lines are cut out of the photo at no more than this. */
const READ_MAX_PX = 4_096;
/** A piece so much higher than wide is a line that runs downwards. */
const UPRIGHT_RATIO = 1.5;

/** Shows the model the whole photo, once: classifiers, embeddings, text. */
export async function seeWhole(photo: Photo, options: LookOptions): Promise<Candidates> {
  options.signal.throwIfAborted();
  const { size, tile } = planView(photo, options.spec.input);
  const image = await timed(options.timings, 'decodeMs', () => photo.decode(size, 'linear'));
  return runTile(image, tile, options);
}

/** Finds the lines of text, in reading order; they are not read. */
export async function findLines(photo: Photo, options: LookOptions): Promise<Line[]> {
  const { size, tile } = planView(photo, options.spec.input);
  const found = await seeWhole(photo, options);
  const gain = { x: size.width / photo.width, y: size.height / photo.height };
  const never = { iou: 1, inside: 1 };
  const { rotated = new Float32Array(), scores } = toPhotoPixels(
    toScaledPhoto(tile, found, never),
    gain,
  );
  const lines = Array.from(scores, (confidence, k): Line => {
    const [cx = 0, cy = 0, width = 0, height = 0, angle = 0] = rotated.subarray(5 * k, 5 * k + 5);
    const downwards = height >= UPRIGHT_RATIO * width;
    // Turned by a quarter to the right, the line's own left is at the top.
    const upright = [cx, cy, height, width, angle + Math.PI / 2];
    return {
      text: '',
      confidence,
      corners: toCorners(downwards ? upright : [cx, cy, width, height, angle]),
    };
  });
  return lines.sort((a, b) => a.corners[1]! - b.corners[1]! || a.corners[0]! - b.corners[0]!);
}

/** Reads each line; without lines the photo is one. What nothing can be read of stays without text. */
export async function readLines(
  photo: Photo,
  lines: readonly Line[] | undefined,
  options: LookOptions,
): Promise<Line[]> {
  if (lines === undefined) {
    const { text } = await seeWhole(photo, options);
    const { width, height } = photo;
    const corners = [0, 0, width, 0, width, height, 0, height];
    return [{ text: '', confidence: 0, ...text, corners }];
  }
  if (lines.length === 0) return [];
  const ratio = Math.min(1, READ_MAX_PX / longSide(photo));
  const size = scaled(photo, ratio);
  const image = await timed(options.timings, 'decodeMs', () => photo.decode(size, 'lanczos3'));
  return Promise.all(
    lines.map(async (line) => {
      const piece = cutOut(
        image,
        line.corners.map((value) => value * ratio),
      );
      const { size: view, tile } = planView(piece, options.spec.input);
      const { text } = await runTile(resize(piece, view), tile, options);
      return { ...line, ...text };
    }),
  );
}

/** The pixels inside four corners, laid straight; bilinear. */
function cutOut(image: RawImage, corners: readonly number[]): RawImage {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0, , , x3 = 0, y3 = 0] = corners;
  const width = Math.max(1, Math.round(Math.hypot(x1 - x0, y1 - y0)));
  const height = Math.max(1, Math.round(Math.hypot(x3 - x0, y3 - y0)));
  return sample(image, { width, height }, (u, v) => [
    x0 + (x1 - x0) * u + (x3 - x0) * v,
    y0 + (y1 - y0) * u + (y3 - y0) * v,
  ]);
}

function resize(image: RawImage, size: Size): RawImage {
  return sample(image, size, (u, v) => [u * image.width, v * image.height]);
}

/** Reads the image where `place` puts each pixel's centre (0..1 each way). */
function sample(
  { data, width, height }: RawImage,
  size: Size,
  place: (u: number, v: number) => readonly [x: number, y: number],
): RawImage {
  const out = new Uint8Array(size.width * size.height * 3);
  let to = 0;
  for (let row = 0; row < size.height; row++) {
    for (let column = 0; column < size.width; column++) {
      const [x, y] = place((column + 0.5) / size.width, (row + 0.5) / size.height);
      const left = Math.min(Math.max(x - 0.5, 0), width - 1);
      const top = Math.min(Math.max(y - 0.5, 0), height - 1);
      const [x0, y0] = [Math.floor(left), Math.floor(top)];
      const [x1, y1] = [Math.min(x0 + 1, width - 1), Math.min(y0 + 1, height - 1)];
      const [fx, fy] = [left - x0, top - y0];
      for (let c = 0; c < 3; c++) {
        const at = (px: number, py: number) => data[(py * width + px) * 3 + c]!;
        const upper = at(x0, y0) * (1 - fx) + at(x1, y0) * fx;
        const lower = at(x0, y1) * (1 - fx) + at(x1, y1) * fx;
        out[to++] = Math.round(upper * (1 - fy) + lower * fy);
      }
    }
  }
  return { data: out, ...size };
}
