import { BoxGrid, type Reach } from './box-grid.ts';

/** Boxes x1,y1,x2,y2 side by side, with score and class of each. */
export interface BoxSet {
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly classes: Uint32Array;
}

/** Scores and indices share the 53 bits of a double: 32 and these. */
const INDEX_BITS = 21;

/** Indices by falling score; of equal scores the lower index first. At most 2^21 of them. */
export function orderByScore(scores: Float32Array): Uint32Array {
  if (scores.length > 2 ** INDEX_BITS) throw new RangeError(`${scores.length} boxes are too many`);
  // Sorting plain numbers is many times faster than asking a function about each pair. Adding zero
  // makes -0 the 0 that it equals.
  const bits = new Uint32Array(scores.map((score) => score + 0).buffer);
  const keys = Float64Array.from(bits, (value, index) => {
    // IEEE 754 orders like an integer once negative numbers are turned over; here falling.
    const falling = value >>> 31 ? value : ~value & 0x7fff_ffff;
    return falling * 2 ** INDEX_BITS + index;
  });
  return Uint32Array.from(keys.sort(), (key) => key % 2 ** INDEX_BITS);
}

/** Area that two boxes of one array share. */
export function intersection(boxes: Float32Array, a: number, b: number): number {
  const i = 4 * a;
  const j = 4 * b;
  const width = Math.min(boxes[i + 2]!, boxes[j + 2]!) - Math.max(boxes[i]!, boxes[j]!);
  const height = Math.min(boxes[i + 3]!, boxes[j + 3]!) - Math.max(boxes[i + 1]!, boxes[j + 1]!);
  return Math.max(0, width) * Math.max(0, height);
}

/** Zero for a box turned inside out. */
export function area(boxes: Float32Array, index: number): number {
  const i = 4 * index;
  return Math.max(0, boxes[i + 2]! - boxes[i]!) * Math.max(0, boxes[i + 3]! - boxes[i + 1]!);
}

export interface Suppression {
  /** A box goes when its IoU with a kept one is greater. */
  readonly iou: number;
  /** It also goes when a greater share of it lies in a kept one; 1: never. */
  readonly inside: number;
}

/**
 * Greedy non-maximum suppression within each class, best score first. Answers the kept indices by
 * falling score. Near-linear in the number of boxes, and equal to comparing every pair.
 */
export function nms(set: BoxSet, { iou, inside }: Suppression): Uint32Array {
  const { boxes, scores, classes } = set;
  const grid = new BoxGrid(boxes);
  const reach = suppressionReach({ iou, inside });
  const { found } = grid;
  const areas = Float64Array.from(scores, (_, index) => area(boxes, index));
  const kept: number[] = [];
  for (const index of orderByScore(scores)) {
    const near = grid.near(index, reach);
    const own = areas[index]!;
    let gone = false;
    for (let k = 0; k < near && !gone; k++) {
      const other = found[k]!;
      if (classes[other] !== classes[index]) continue;
      const shared = intersection(boxes, other, index);
      const union = areas[other]! + own - shared;
      gone = shared > iou * union || shared > inside * own;
    }
    if (gone) continue;
    kept.push(index);
    grid.add(index);
  }
  return Uint32Array.from(kept);
}

/**
 * No farther apart can the centres of two boxes be for one to suppress the other. Boxes of IoU t
 * share t / (1 + t) of their areas' sum, so on each axis at least that of their sides' sum; a share
 * s of a box within another shares s of its side on each axis.
 */
function suppressionReach({ iou, inside }: Suppression): Reach {
  const apart = 0.5 - iou / (1 + iou);
  if (inside >= 1) return (own, other) => apart * (own + other);
  return (own, other) => Math.max(apart * (own + other), other / 2 + (0.5 - inside) * own);
}

/** The boxes at `indices`, in that order. */
export function pick(set: BoxSet, indices: ArrayLike<number>): BoxSet {
  const count = indices.length;
  const boxes = new Float32Array(count * 4);
  const scores = new Float32Array(count);
  const classes = new Uint32Array(count);
  for (let k = 0; k < count; k++) {
    const i = indices[k]!;
    boxes.set(set.boxes.subarray(4 * i, 4 * i + 4), 4 * k);
    scores[k] = set.scores[i]!;
    classes[k] = set.classes[i]!;
  }
  return { boxes, scores, classes };
}

export function concat(sets: readonly BoxSet[]): BoxSet {
  const count = sets.reduce((sum, set) => sum + set.scores.length, 0);
  const all = {
    boxes: new Float32Array(count * 4),
    scores: new Float32Array(count),
    classes: new Uint32Array(count),
  };
  let at = 0;
  for (const set of sets) {
    all.boxes.set(set.boxes, 4 * at);
    all.scores.set(set.scores, at);
    all.classes.set(set.classes, at);
    at += set.scores.length;
  }
  return all;
}
