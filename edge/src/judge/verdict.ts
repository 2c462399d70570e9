import type { Thresholds } from '../cameras.ts';
import type { Exposure } from './exposure.ts';

/** What the child process measured in one photo. */
export type Measurement =
  | {
      readonly decoded: true;
      readonly sharpness: number;
      readonly exposure: Exposure;
      /** Share of the picture, 0–1, that its largest empty area covers. */
      readonly empty: number;
      readonly phash: string;
    }
  | { readonly decoded: false; readonly problem: string };

/** What else is known of the photo. */
export interface Circumstances {
  readonly longSidePx: number;
  /** Exposure time in seconds, where the camera wrote it. */
  readonly exposureS: number | null;
  readonly nearDuplicateOf: string | null;
}

export type ReasonCode =
  | 'blurred'
  | 'too_dark'
  | 'too_bright'
  | 'obstructed'
  | 'too_small'
  | 'near_duplicate'
  | 'undecodable';

export interface Reason {
  readonly code: ReasonCode;
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

/** Above this, in seconds, hands move a picture by more than a pixel or two. */
const STEADY_EXPOSURE_S = 1 / 60;

/** Nothing is discarded for its verdict: it orders the sending and tells people why. */
export function judge(
  measurement: Measurement,
  { longSidePx, exposureS, nearDuplicateOf }: Circumstances,
  thresholds: Thresholds,
): Verdict {
  if (!measurement.decoded) return undecodable(measurement.problem);
  const { sharpness, exposure, empty } = measurement;
  const { brightness } = exposure;
  const reasons: Reason[] = [];
  const add = (code: ReasonCode, score: number, threshold: number, sentence: string) =>
    reasons.push({ code, score, threshold, sentence });
  const dark = brightness < thresholds.dark;
  const blurred = sharpness < thresholds.sharpness;
  if (longSidePx < thresholds.long_side_px) {
    add(
      'too_small',
      longSidePx,
      thresholds.long_side_px,
      `The photo has only ${longSidePx} pixels on its long side. Send the original, not a preview.`,
    );
  }
  if (dark) {
    add(
      'too_dark',
      round(brightness),
      thresholds.dark,
      'The photo is too dark. Take it again with more light or the flash on.',
    );
  } else if (brightness > thresholds.bright) {
    add(
      'too_bright',
      round(brightness),
      thresholds.bright,
      'The photo is too bright. Take it again without the sun shining into the camera.',
    );
  } else if (exposure.shadow > thresholds.shadow) {
    add(
      'too_bright',
      exposure.shadow,
      thresholds.shadow,
      'The photo is washed out. Wipe the lens, and take it again without the sun shining into it.',
    );
  }
  // Without light nothing has structure: darkness explains low scores better than the rest does.
  if (!dark && empty > thresholds.empty) {
    add(
      'obstructed',
      round(empty, 2),
      thresholds.empty,
      `Part of the picture (${Math.round(empty * 100)} %) shows nothing. Move away what is before the lens and take it again.`,
    );
  }
  if (!dark && blurred)
    add('blurred', round(sharpness), thresholds.sharpness, blurAdvice(exposureS));
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
      shadow: exposure.shadow,
      empty: round(empty, 2),
    },
    near_duplicate_of: nearDuplicateOf,
  };
}

function blurAdvice(exposureS: number | null): string {
  if (exposureS === null || exposureS <= STEADY_EXPOSURE_S) {
    return 'The photo is blurred. Wipe the lens, hold the camera still and take it again.';
  }
  const seconds = exposureS >= 0.1 ? exposureS.toFixed(1) : `1/${Math.round(1 / exposureS)}`;
  return `The photo is blurred: ${seconds} s exposure. Hold the camera still, or take it with more light.`;
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

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
