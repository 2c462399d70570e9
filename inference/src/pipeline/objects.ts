import type { SoftMask } from './masks.ts';
import { type BoxSet, concat, nms, pick, type Suppression } from './nms.ts';
import { nmsRotated } from './rotated-nms.ts';

/** Objects side by side; what a model does not give is absent. */
export interface Objects extends BoxSet {
  /** Centre x, centre y, width, height, angle in radians. */
  readonly rotated?: Float32Array | undefined;
  /** x, y, visibility of each keypoint. */
  readonly keypoints?: Float32Array | undefined;
  /** The parts of each object's mask: one, or one from each tile that saw a part of it. */
  readonly masks?: readonly (readonly SoftMask[])[] | undefined;
}

/** Indices of the objects that stay, best score first. */
export function suppress(objects: Objects, suppression: Suppression): Uint32Array {
  return objects.rotated
    ? nmsRotated(objects, objects.rotated, suppression)
    : nms(objects, suppression);
}

/** The objects at `indices`, in that order. */
export function pickObjects(objects: Objects, indices: ArrayLike<number>): Objects {
  const { rotated, keypoints, masks } = objects;
  const count = objects.scores.length;
  return {
    ...pick(objects, indices),
    rotated: rotated && pickColumns(rotated, 5, indices),
    keypoints: keypoints && pickColumns(keypoints, count && keypoints.length / count, indices),
    masks: masks && Array.from(indices, (index) => masks[index]!),
  };
}

/** One after the other; columns that some of them lack, or have of another width, are left out. */
export function concatObjects(sets: readonly Objects[]): Objects {
  const some = sets.filter((set) => set.scores.length > 0);
  const masks = some.flatMap((set) => set.masks ?? []);
  const all = concat(some);
  return {
    ...all,
    rotated: concatColumns(some, (set) => set.rotated),
    keypoints: concatColumns(some, (set) => set.keypoints),
    masks: masks.length > 0 && masks.length === all.scores.length ? masks : undefined,
  };
}

function pickColumns(values: Float32Array, width: number, indices: ArrayLike<number>) {
  const picked = new Float32Array(indices.length * width);
  for (let k = 0; k < indices.length; k++) {
    const from = indices[k]! * width;
    picked.set(values.subarray(from, from + width), k * width);
  }
  return picked;
}

function concatColumns(
  sets: readonly Objects[],
  read: (set: Objects) => Float32Array | undefined,
): Float32Array | undefined {
  const parts = sets.map((set) => read(set) ?? new Float32Array());
  const widths = new Set(parts.map((part, k) => part.length / sets[k]!.scores.length));
  if (widths.size !== 1 || widths.has(0)) return undefined;
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
