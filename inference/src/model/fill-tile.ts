import type { RawImage } from '../pipeline/geometry.ts';
import type { Tile } from '../pipeline/tile.ts';
import type { Channel } from './preprocessing.ts';

/** Writes one tile as NCHW float32 into `target` (channels · height · width of its canvas). */
export function fillTile(
  image: RawImage,
  tile: Tile,
  { target, channels }: { target: Float32Array; channels: readonly Channel[] },
): void {
  const { canvas } = tile;
  const plane = canvas.width * canvas.height;
  const padded = tile.width < canvas.width || tile.height < canvas.height;
  const { data } = image;
  for (const [index, { from, values, pad }] of channels.entries()) {
    const to = target.subarray(index * plane, (index + 1) * plane);
    if (padded) to.fill(pad);
    for (let row = 0; row < tile.height; row++) {
      let read = ((tile.y + row) * image.width + tile.x) * 3;
      let write = (tile.top + row) * canvas.width + tile.left;
      const end = write + tile.width;
      if (from < 3) {
        for (read += from; write < end; write++, read += 3) to[write] = values[data[read]!]!;
      } else {
        for (; write < end; write++, read += 3) {
          to[write] = values[luma(data[read]!, data[read + 1]!, data[read + 2]!)]!;
        }
      }
    }
  }
}

/** ITU-R BT.601, as OpenCV and Pillow make grey. */
function luma(red: number, green: number, blue: number): number {
  return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
}

/**
 * Writes one tile as its own bytes, NHWC in RGB, into `target` (3 · height · width of its canvas):
 * whole rows are copied. `pad`: the byte beside the photo.
 */
export function fillPixels(
  image: RawImage,
  tile: Tile,
  { target, pad }: { target: Uint8Array; pad: number },
): void {
  const { canvas } = tile;
  if (tile.width < canvas.width || tile.height < canvas.height) target.fill(pad);
  for (let row = 0; row < tile.height; row++) {
    const read = ((tile.y + row) * image.width + tile.x) * 3;
    const write = ((tile.top + row) * canvas.width + tile.left) * 3;
    target.set(image.data.subarray(read, read + 3 * tile.width), write);
  }
}
