import { BoxGrid } from './box-grid.ts';
import { type BoxSet, orderByScore, type Suppression } from './nms.ts';

const EPSILON = 1e-7;

/**
 * Greedy suppression of rotated boxes within each class, best score first, by their ProbIoU: a box
 * goes when it reaches `iou` with a kept one. Only boxes whose upright hulls (`set.boxes`) meet are
 * compared. Ultralytics lets a box that is itself suppressed suppress others; here it does not.
 */
export function nmsRotated(set: BoxSet, rotated: Float32Array, { iou }: Suppression): Uint32Array {
  const grid = new BoxGrid(set.boxes);
  const kept: number[] = [];
  for (const index of orderByScore(set.scores)) {
    const suppressed = grid.some(
      index,
      (other) => set.classes[other] === set.classes[index] && probIou(rotated, index, other) >= iou,
    );
    if (suppressed) continue;
    kept.push(index);
    grid.add(index);
  }
  return Uint32Array.from(kept);
}

/**
 * Overlap of two boxes seen as Gaussians, 0..1. Source: Llerena et al., "Gaussian Bounding Boxes and
 * Probabilistic Intersection-over-Union", 2021; ultralytics/utils/metrics.py `batch_probiou`.
 */
export function probIou(rotated: Float32Array, i: number, j: number): number {
  const [x1, y1, a1, b1, c1] = gaussian(rotated, i);
  const [x2, y2, a2, b2, c2] = gaussian(rotated, j);
  const a = a1 + a2;
  const b = b1 + b2;
  const c = c1 + c2;
  const det = a * b - c * c;
  const t1 = (a * (y1 - y2) ** 2 + b * (x1 - x2) ** 2) / (det + EPSILON) / 4;
  const t2 = (c * (x2 - x1) * (y1 - y2)) / (det + EPSILON) / 2;
  const own = Math.sqrt(Math.max(0, a1 * b1 - c1 * c1) * Math.max(0, a2 * b2 - c2 * c2));
  const t3 = Math.log(det / (4 * own + EPSILON) + EPSILON) / 2;
  const distance = Math.min(Math.max(t1 + t2 + t3, EPSILON), 100);
  return 1 - Math.sqrt(1 - Math.exp(-distance) + EPSILON);
}

/** Centre and covariance (xx, yy, xy) of a rotated box. */
function gaussian(rotated: Float32Array, index: number): [number, number, number, number, number] {
  const [x = 0, y = 0, width = 0, height = 0, angle = 0] = rotated.subarray(
    5 * index,
    5 * index + 5,
  );
  const across = width ** 2 / 12;
  const down = height ** 2 / 12;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return [
    x,
    y,
    across * cos ** 2 + down * sin ** 2,
    across * sin ** 2 + down * cos ** 2,
    (across - down) * cos * sin,
  ];
}
