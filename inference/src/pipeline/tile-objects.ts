import type { Candidates } from '../model/layouts/layout.ts';
import { toSoftMasks } from './masks.ts';
import type { Suppression } from './nms.ts';
import { type Objects, pickObjects, suppress } from './objects.ts';
import type { Tile } from './tile.ts';

/**
 * The objects of one tile, from pixels of the model's input to those of the scaled photo; boxes are
 * cut at the tile's own pixels. Where masks were asked for, the tile's own suppression comes first,
 * so that prototypes (megabytes a tile) are weighed for what it keeps, and let go.
 */
export function toScaledPhoto(tile: Tile, found: Candidates, suppression: Suppression): Objects {
  const { boxes, scores, classes, rotated, keypoints, masks } = found;
  const shiftX = tile.x - tile.left;
  const shiftY = tile.y - tile.top;
  for (let i = 0; i < boxes.length; i += 2) {
    boxes[i] = clamp(boxes[i]! - tile.left, tile.width) + tile.x;
    boxes[i + 1] = clamp(boxes[i + 1]! - tile.top, tile.height) + tile.y;
  }
  shift(rotated, 5, shiftX, shiftY);
  shift(keypoints, 3, shiftX, shiftY);
  const objects: Objects = { boxes, scores, classes, rotated, keypoints };
  if (!masks) return objects;
  const kept = suppress(objects, suppression);
  return { ...pickObjects(objects, kept), masks: toSoftMasks(masks, { tile, boxes, kept }) };
}

/** From pixels of the scaled photo to the photo's; each axis has its own gain. Masks stay as they are. */
export function toPhotoPixels(objects: Objects, gain: { x: number; y: number }): Objects {
  const { rotated, keypoints } = objects;
  return {
    ...objects,
    boxes: objects.boxes.map((value, i) => value / (i % 2 === 0 ? gain.x : gain.y)),
    rotated: rotated && turnToPhoto(rotated, gain),
    keypoints: keypoints?.map((v, i) => (i % 3 === 0 ? v / gain.x : i % 3 === 1 ? v / gain.y : v)),
  };
}

/** A rotated box on axes of unequal gain is no longer a rectangle: its sides keep their own length. */
function turnToPhoto(rotated: Float32Array, gain: { x: number; y: number }): Float32Array {
  const turned = new Float32Array(rotated.length);
  for (let i = 0; i < rotated.length; i += 5) {
    const [cx = 0, cy = 0, width = 0, height = 0, angle = 0] = rotated.subarray(i, i + 5);
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    turned[i] = cx / gain.x;
    turned[i + 1] = cy / gain.y;
    turned[i + 2] = width * Math.hypot(cos / gain.x, sin / gain.y);
    turned[i + 3] = height * Math.hypot(sin / gain.x, cos / gain.y);
    turned[i + 4] = Math.atan2(sin / gain.y, cos / gain.x);
  }
  return turned;
}

function shift(values: Float32Array | undefined, width: number, x: number, y: number): void {
  if (!values) return;
  for (let i = 0; i < values.length; i += width) {
    values[i]! += x;
    values[i + 1]! += y;
  }
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 0), max);
}
