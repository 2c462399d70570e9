import type { Thresholds } from '../cameras.ts';
import type { Exposure } from './exposure.ts';

/** What the child process measured in one photo. */
export type Measurement =
  | {
      readonly decoded: true;
      readonly sharpness: number;
      readonly exposure: Exposure;
      readonly phash: string;
    }
  | { readonly decoded: false; readonly problem: string };

export interface Reason {
  readonly code: 'blurred' | 'too_dark' | 'too_bright' | 'near_duplicate' | 'undecodable';
  readonly score: number | null;
  readonly threshold: number | null;
  /** For the person who took the photo: what is wrong and what to do. */
  readonly sentence: string;
}

export interface Verdict {
  readonly result: 'good' | 'poor' | 'undecodable';
  readonly reasons: readonly Reason[];
  readonly scores: Readonly<Record<string, number>>;
  readonly near_duplicate_of: string | null;
}

/** Nothing is discarded for its verdict: it orders the sending and tells people why. */
export function judge(
  measurement: Measurement,
  thresholds: Thresholds,
  nearDuplicateOf: string | null,
): Verdict {
  if (!measurement.decoded) return undecodable(measurement.problem);
  const { sharpness, exposure } = measurement;
  const { brightness } = exposure;
  const reasons: Reason[] = [];
  if (brightness < thresholds.dark) {
    reasons.push({
      code: 'too_dark',
      score: round(brightness),
      threshold: thresholds.dark,
      sentence: 'The photo is too dark. Take it again with more light or the flash on.',
    });
  } else if (brightness > thresholds.bright) {
    reasons.push({
      code: 'too_bright',
      score: round(brightness),
      threshold: thresholds.bright,
      sentence: 'The photo is too bright. Take it again without the sun shining into the camera.',
    });
  }
  // Without light there are no edges: darkness explains a low score better than blur does.
  if (sharpness < thresholds.sharpness && brightness >= thresholds.dark) {
    reasons.push({
      code: 'blurred',
      score: round(sharpness),
      threshold: thresholds.sharpness,
      sentence: 'The photo is blurred. Wipe the lens, hold the camera still and take it again.',
    });
  }
  const result = reasons.length === 0 ? 'good' : 'poor';
  if (nearDuplicateOf !== null) {
    reasons.push({
      code: 'near_duplicate',
      score: null,
      threshold: null,
      sentence: 'The same camera took almost the same photo within a minute. One is enough.',
    });
  }
  return {
    result,
    reasons,
    scores: {
      sharpness: round(sharpness),
      brightness: round(brightness),
      black: round(exposure.black, 3),
      white: round(exposure.white, 3),
    },
    near_duplicate_of: nearDuplicateOf,
  };
}

export function undecodable(problem: string): Verdict {
  const sentence = `The photo is damaged and cannot be opened (${problem}). Take it again.`;
  return {
    result: 'undecodable',
    reasons: [{ code: 'undecodable', score: null, threshold: null, sentence }],
    scores: {},
    near_duplicate_of: null,
  };
}

/** Lanes of sending: good photos before the others, so that counting starts with them. */
export function laneOf(verdict: Verdict | null): number {
  if (verdict === null) return 2;
  return verdict.result === 'good' && verdict.near_duplicate_of === null ? 2 : 4;
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
