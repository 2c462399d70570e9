import type { CorePhoto } from '../system/core-client.ts';

/** One line of the results; the shape of the `--json` answer. */
export interface Outcome {
  readonly file: string;
  readonly sha256: string;
  /** `refused`, `quarantined`, a state of the photo's session, or `unfinished`. */
  readonly state: string;
  readonly reason: string | null;
  readonly detected: number | null;
  readonly classes: Readonly<Record<string, number>>;
  readonly location: string | null;
  readonly batch: string | null;
  /** From sending to this state. */
  readonly seconds: number;
}

/** What the results show besides. */
export interface Shown extends Outcome {
  /** The edge's verdict in words. */
  readonly verdict: string;
}

const WAITING = ['needs_location', 'needs_config', 'needs_calibration'];

/** True when nothing more happens to the photo by itself. */
export function isSettled(photo: CorePhoto): boolean {
  if (photo.state === 'quarantined') return true;
  const { state, detected } = photo.session;
  if (state === 'completed' || state === 'failed') return true;
  // A waiting photo is counted all the same.
  return WAITING.includes(state) && detected !== null;
}

/** Why a photo is not simply counted and booked; null where it is. */
export function reasonOf(photo: CorePhoto): string | null {
  if (photo.state === 'quarantined') return photo.quarantine_reason ?? 'quarantined';
  const { state, error_code, error_message } = photo.session;
  if (state === 'failed') return [error_code, error_message].filter(Boolean).join(': ');
  switch (state) {
    case 'needs_location':
      return 'The photo names no place.';
    case 'needs_config':
      return 'The place has no product configured.';
    case 'needs_calibration':
      return 'The place has nothing to estimate from.';
    default:
      return null;
  }
}

/** The edge's words on the photo. */
export function verdictOf(photo: CorePhoto): string {
  const { verdict } = photo;
  if (!verdict) return '';
  const reasons = verdict.reasons.map((reason) => reason.sentence).join(' ');
  return [verdict.result, reasons].filter(Boolean).join(': ');
}
