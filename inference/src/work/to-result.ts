import type { Result } from '@demeter/proto';
import { fuse } from '../pipeline/fuse.ts';
import { longSide, type Size } from '../pipeline/geometry.ts';
import { orderByScore } from '../pipeline/nms.ts';
import { concatObjects, pickObjects } from '../pipeline/objects.ts';
import type { Sight } from './look.ts';

type Detections = NonNullable<Result['detections']>;
type Classification = NonNullable<Result['classifications']>[number];

/** Classes of a classifier that are answered. */
const CLASSIFICATIONS_MAX = 10;

/** Puts together what the models said: objects of one role are fused, those of different roles side by side. */
export function toResult(photo: Size, sights: readonly Sight[]): Result {
  const counts = sights.flatMap(({ count }) => count ?? []);
  const [embedded] = sights.flatMap(({ embedding }) => (embedding ? [embedding] : []));
  // A reader answers the lines that the finder has found.
  const lines = sights.flatMap(({ lines }) => (lines ? [lines] : [])).at(-1) ?? [];
  return {
    width: photo.width,
    height: photo.height,
    detections: toDetections(sights),
    counted_long_side_px: counts[0]?.countedLongSidePx ?? longSide(photo),
    tiles: counts.reduce((sum, { tiles }) => sum + tiles, 0) + sights.length - counts.length,
    capped: counts.some(({ capped }) => capped),
    classifications: sights.flatMap(toClassifications),
    embedding: Array.from(embedded ?? []),
    texts: lines.map((line) => ({ ...line, corners: [...line.corners] })),
  };
}

/** In the classes of all models together, each name once. */
function toDetections(sights: readonly Sight[]): Detections {
  const counted = sights.filter(({ count }) => count);
  // One model keeps its own list, in which a name may stand twice.
  const [first, ...others] = counted.map(({ spec }) => spec.classNames);
  const names =
    others.length === 0 ? (first ?? []) : [...new Set([...(first ?? []), ...others.flat()])];
  const roles = Map.groupBy(counted, ({ role }) => role);
  const fused = [...roles.values()].map((members) => fuseRole(members, names));
  const all = concatObjects(fused.map(({ set }) => set));
  const masks = fused.flatMap((part) => part.masks.flatMap((mask) => mask ?? []));
  const order = fused.length > 1 ? orderByScore(all.scores) : undefined;
  const set = order ? pickObjects(all, order) : all;
  const count = set.scores.length;
  const keypoints = Array.from(set.keypoints ?? []);
  return {
    boxes: Array.from(set.boxes),
    confidences: Array.from(set.scores),
    class_ids: Array.from(set.classes),
    class_names: [...names],
    rotated: Array.from(set.rotated ?? []),
    // Each object has one, or none has.
    masks: masks.length < count ? [] : Array.from(order ?? masks.keys(), (index) => masks[index]!),
    keypoints,
    keypoints_per_object: count === 0 ? 0 : keypoints.length / 3 / count,
  };
}

function fuseRole(members: readonly Sight[], names: readonly string[]) {
  const votes = members.flatMap(({ count, spec, confidence }) => {
    if (!count) return [];
    const ids = spec.classNames.map((name) => names.indexOf(name));
    const own = names === spec.classNames;
    const classes = own ? count.set.classes : count.set.classes.map((id) => ids[id]!);
    return [{ set: { ...count.set, classes }, weight: spec.weight, confidence }];
  });
  const drawn = members.flatMap(({ count }) =>
    Array.from(count?.set.scores ?? [], (_, index) => count?.masks[index]),
  );
  const { set, from } = fuse(votes);
  return { set, masks: from.map((index) => drawn[index]) };
}

function toClassifications({ classScores, spec }: Sight): Classification[] {
  if (!classScores) return [];
  return Array.from(orderByScore(classScores).subarray(0, CLASSIFICATIONS_MAX), (index) => ({
    class_name: spec.classNames[index] ?? '',
    confidence: classScores[index]!,
  }));
}
