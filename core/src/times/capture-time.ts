import type { BoxTime } from './box-clock.ts';

/** When a photo was taken, and how far that is to be believed. */

export type TimeFlag =
  /** As it was said. */
  | 'ok'
  /** The box's clock was off; what it had said is moved by as much. */
  | 'corrected'
  /** What the camera said cannot be; the moment of acceptance stands in its place. */
  | 'implausible'
  /** Nobody knows when: only what came before and after it. */
  | 'order_only';

export type TimeSource = 'exif' | 'device' | 'file' | 'none';

export interface Said {
  /** UTC milliseconds by the clock of `source`; null: nothing was said. */
  readonly ms: number | null;
  readonly source: TimeSource;
  /** False: a wall time whose zone nobody has named yet, read as UTC. */
  readonly hasZone: boolean;
}

export interface CaptureJudgement {
  /** UTC milliseconds; null: not said, or not known. */
  readonly capturedMs: number | null;
  /** What had been said, where it is not taken as it was. */
  readonly saidMs: number | null;
  readonly flag: TimeFlag;
}

/** Clocks that people and networks set differ by so much without anything being wrong. */
export const TOLERANCE_MS = 120_000;
/** The zone farthest from UTC is 14 hours before it. */
const ZONE_MS_MAX = 14 * 3_600_000;
/** Cards are read out weeks later; a photo of more than a year ago was taken by an unset clock. */
const AGE_MS_MAX = 400 * 86_400_000;

/**
 * Files and snapshots are dated by the box, whose error is known; EXIF and devices have clocks of
 * their own, of which is known only that a photo is not taken after it was accepted, nor years
 * before.
 */
export function judgeCaptureTime(
  { ms: said, source, hasZone }: Said,
  box: BoxTime,
): CaptureJudgement {
  const isBoxes = source === 'file' || source === 'none';
  if (box.trueMs === null || box.offsetMs === null) {
    // A device with a clock of its own may know what the box does not, if it is possible at all.
    return isBoxes || said === null
      ? { capturedMs: null, saidMs: said, flag: 'order_only' }
      : { capturedMs: said, saidMs: null, flag: 'order_only' };
  }
  const moved = Math.abs(box.offsetMs) > TOLERANCE_MS;
  if (said === null) return { capturedMs: null, saidMs: null, flag: moved ? 'corrected' : 'ok' };
  const capturedMs = isBoxes && moved ? said + box.offsetMs : said;
  const age = box.trueMs - capturedMs;
  const early = hasZone ? TOLERANCE_MS : TOLERANCE_MS + ZONE_MS_MAX;
  if (age < -early || age > AGE_MS_MAX) {
    return { capturedMs: box.trueMs, saidMs: said, flag: 'implausible' };
  }
  return capturedMs === said
    ? { capturedMs, saidMs: null, flag: moved ? 'corrected' : 'ok' }
    : { capturedMs, saidMs: said, flag: 'corrected' };
}
