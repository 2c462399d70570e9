import { BoxGrid } from './box-grid.ts';
import { orderByScore } from './nms.ts';
import { concatObjects, type Objects, pickObjects } from './objects.ts';

/** What one model of an ensemble found, in classes that all of them share. */
export interface Vote {
  readonly set: Objects;
  /** The model's weight in its manifest. */
  readonly weight: number;
  /** Least score that this model counts. */
  readonly confidence: number;
}

/** Boxes that overlap more show one object (the authors' default). */
const FUSE_IOU = 0.55;

type Box = readonly [x1: number, y1: number, x2: number, y2: number];

export interface Fused {
  readonly set: Objects;
  /** Where each object's best member stands among those of all votes, one vote after the other. */
  readonly from: readonly number[];
}

/** Boxes of one object, best first. */
interface Cluster {
  readonly members: number[];
  box: Box;
}

/**
 * Weighted boxes fusion: boxes of one class that overlap become one, their mean weighted by score
 * and model; its score is the mean over all models, so that what one of them alone has seen counts
 * less. Kept is what reaches the mean of the models' thresholds, weighted likewise; masks, keypoints
 * and rotated boxes are the best member's. Best score first. Source: Solovyev, Wang, Gabruseva,
 * "Weighted boxes fusion: Ensembling boxes from different object detection models", 2021
 * (github.com/ZFTurbo/Weighted-Boxes-Fusion, `conf_type='avg'`).
 */
export function fuse(votes: readonly Vote[]): Fused {
  const [only] = votes;
  if (only && votes.length === 1) return { set: only.set, from: [...only.set.scores.keys()] };
  const total = votes.reduce((sum, { weight }) => sum + weight, 0);
  const threshold = votes.reduce((sum, v) => sum + v.weight * v.confidence, 0) / total;
  const all = concatObjects(votes.map(({ set }) => set));
  const weights = votes.flatMap(({ set, weight }) => Array<number>(set.scores.length).fill(weight));
  const scores = all.scores.map((score, index) => score * weights[index]!);
  const clusters = toClusters(all, scores);
  const fused = clusters.map(({ members, box }) => {
    const sum = members.reduce((total, index) => total + scores[index]!, 0);
    const score = (sum / total) * Math.min(1, votes.length / members.length);
    return { first: members[0]!, box, score };
  });
  const kept = fused.filter(({ score }) => score >= threshold).sort((a, b) => b.score - a.score);
  const from = kept.map(({ first }) => first);
  const set = {
    ...pickObjects(all, from),
    boxes: Float32Array.from(kept.flatMap(({ box }) => box)),
    scores: Float32Array.from(kept, ({ score }) => score),
  };
  return { set, from };
}

function toClusters(all: Objects, scores: Float32Array): readonly Cluster[] {
  const { boxes, classes } = all;
  const grid = new BoxGrid(boxes);
  const clusters: Cluster[] = [];
  const clusterOf: (Cluster | undefined)[] = [];
  for (const index of orderByScore(scores)) {
    const own = boxAt(boxes, index);
    let best: Cluster | undefined;
    let most = FUSE_IOU;
    grid.some(index, (other) => {
      const cluster = clusterOf[other];
      const overlap = cluster && classes[other] === classes[index] ? iou(cluster.box, own) : 0;
      if (overlap > most) [best, most] = [cluster, overlap];
      return false;
    });
    const cluster = best ?? { members: [], box: own };
    cluster.members.push(index);
    cluster.box = weightedMean(cluster.members, boxes, scores);
    if (!best) clusters.push(cluster);
    clusterOf[index] = cluster;
    grid.add(index);
  }
  return clusters;
}

function weightedMean(members: readonly number[], boxes: Float32Array, scores: Float32Array): Box {
  const total = members.reduce((sum, index) => sum + scores[index]!, 0);
  const mean = (side: number) =>
    members.reduce((sum, index) => sum + scores[index]! * boxes[4 * index + side]!, 0) / total;
  return [mean(0), mean(1), mean(2), mean(3)];
}

function boxAt(boxes: Float32Array, index: number): Box {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(4 * index, 4 * index + 4);
  return [x1, y1, x2, y2];
}

function iou(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const shared = Math.max(0, width) * Math.max(0, height);
  const area = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);
  return shared / (area(a) + area(b) - shared);
}
