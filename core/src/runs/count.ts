import { AppError } from '@demeter/common/errors';
import type { Result__Output } from '@demeter/proto';

/** A run's detections, side by side, best confidence first. */
export interface Count {
  readonly detected: number;
  /** Plants per class name, only those found. */
  readonly counts: Readonly<Record<string, number>>;
  readonly classNames: readonly string[];
  readonly confidences: readonly number[];
  readonly x1: readonly number[];
  readonly y1: readonly number[];
  readonly x2: readonly number[];
  readonly y2: readonly number[];
}

/**
 * A server's answer as a count. Throws INFERENCE_FAILED where it does not agree with itself: a
 * list too short, a class without name, a box that is none.
 */
export function toCount(result: Result__Output): Count {
  const { boxes, confidences, class_ids: ids, class_names: names } = result.detections ?? EMPTY;
  const detected = confidences.length;
  if (boxes.length !== 4 * detected || ids.length !== detected) {
    throw inconsistent('lists of different length');
  }
  if (!(result.width > 0 && result.height > 0)) throw inconsistent('a photo without size');
  const corner = (at: number) => boxes.filter((_, i) => i % 4 === at);
  const [x1, y1, x2, y2] = [corner(0), corner(1), corner(2), corner(3)];
  const isBox = (i: number) => x1[i]! <= x2[i]! && y1[i]! <= y2[i]!;
  if (!boxes.every(Number.isFinite) || !confidences.every((_, i) => isBox(i))) {
    throw inconsistent('a box that is none');
  }
  if (!confidences.every((confidence) => confidence >= 0 && confidence <= 1)) {
    throw inconsistent('a confidence outside 0..1');
  }
  const classNames = ids.map((id) => {
    const name = names[id];
    if (name === undefined) throw inconsistent('a class without name');
    return name;
  });
  const counts: Record<string, number> = {};
  for (const name of classNames) counts[name] = (counts[name] ?? 0) + 1;
  return { detected, counts, classNames, confidences, x1, y1, x2, y2 };
}

const EMPTY = {
  boxes: [] as number[],
  confidences: [] as number[],
  class_ids: [] as number[],
  class_names: [] as string[],
};

function inconsistent(what: string): AppError {
  return new AppError('INFERENCE_FAILED', `The server's answer does not agree: ${what}.`);
}
