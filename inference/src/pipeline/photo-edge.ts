import { longSide, type Size } from './geometry.ts';
import { type Objects, pickObjects } from './objects.ts';

/**
 * A box counts as cut by the photo's edge when it comes so near to it, as a share of the photo's
 * long side: a pixel or two at the scales that count (320 to 640 px).
 */
const EDGE_SHARE = 0.004;

/**
 * Leaves out what the photo's edge cuts unless the model is surer of it: half a plant belongs to
 * the neighbouring photo. Boxes are in pixels of `photo`; order is kept. Pure.
 */
export function dropUnsureAtEdge(set: Objects, photo: Size, edgeConfidence: number): Objects {
  const margin = EDGE_SHARE * longSide(photo);
  const isCut = (index: number) => {
    const [x1, y1, x2, y2] = set.boxes.subarray(4 * index, 4 * index + 4);
    return (
      x1! < margin || y1! < margin || x2! > photo.width - margin || y2! > photo.height - margin
    );
  };
  const kept = [...set.scores.keys()].filter(
    (index) => set.scores[index]! >= edgeConfidence || !isCut(index),
  );
  return kept.length === set.scores.length ? set : pickObjects(set, kept);
}
