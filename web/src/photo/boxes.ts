import type { Detections } from '../api/shapes.ts';

/** One plant: pixels of the upright photo. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly confidence: number;
  readonly classId: number;
}

/** Colours of classes, defined in viewer.css; a further class takes the first again. */
export const CLASS_COLOURS = 8;

/** The columns of an answer as boxes, in its order. */
export function toBoxes(detections: Detections): readonly Box[] {
  const { boxes, confidences, class_ids: classIds } = detections;
  return confidences.map((confidence, index) => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.slice(index * 4, index * 4 + 4);
    return {
      x: x1,
      y: y1,
      width: x2 - x1,
      height: y2 - y1,
      confidence,
      classId: classIds[index] ?? 0,
    };
  });
}

export interface ClassCount {
  readonly classId: number;
  readonly name: string;
  readonly count: number;
}

/** How many of each class, most first. */
export function countByClass(
  boxes: readonly Box[],
  names: readonly string[],
): readonly ClassCount[] {
  const counts = new Map<number, number>();
  for (const { classId } of boxes) counts.set(classId, (counts.get(classId) ?? 0) + 1);
  return [...counts]
    .map(([classId, count]) => ({ classId, count, name: names[classId] ?? `#${classId}` }))
    .sort((a, b) => b.count - a.count || a.classId - b.classId);
}

export function colourOf(classId: number): number {
  return classId % CLASS_COLOURS;
}
