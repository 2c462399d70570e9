import { BoxGrid } from './box-grid.ts';

/** Boxes x1,y1,x2,y2 side by side, with score and class of each. */
export interface BoxSet {
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly classes: Uint32Array;
}

/** Indices by falling score; of equal scores the lower index first. */
export function orderByScore(scores: Float32Array): Uint32Array {
  const order = Uint32Array.from(scores, (_, index) => index);
  return order.sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/** Area that two boxes of one array share. */
export function intersection(boxes: Float32Array, a: number, b: number): number {
  const i = 4 * a;
  const j = 4 * b;
  const width = Math.min(boxes[i + 2]!, boxes[j + 2]!) - Math.max(boxes[i]!, boxes[j]!);
  const height = Math.min(boxes[i + 3]!, boxes[j + 3]!) - Math.max(boxes[i + 1]!, boxes[j + 1]!);
  return Math.max(0, width) * Math.max(0, height);
}

export function area(boxes: Float32Array, index: number): number {
  const i = 4 * index;
  return (boxes[i + 2]! - boxes[i]!) * (boxes[i + 3]! - boxes[i + 1]!);
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
export function nms(set: BoxSet, suppression: Suppression): Uint32Array {
  const { boxes, scores, classes } = set;
  const grid = new BoxGrid(boxes);
  const kept: number[] = [];
  for (const index of orderByScore(scores)) {
    const own = area(boxes, index);
    const suppressed = grid.some(index, (other) => {
      if (classes[other] !== classes[index]) return false;
      const shared = intersection(boxes, other, index);
      const union = area(boxes, other) + own - shared;
      return shared > suppression.iou * union || shared > suppression.inside * own;
    });
    if (suppressed) continue;
    kept.push(index);
    grid.add(index);
  }
  return Uint32Array.from(kept);
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
