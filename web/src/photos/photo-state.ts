import type { Photo } from '../api/shapes.ts';
import type { PhotoFilter } from '../router.ts';
import { texts } from '../texts.ts';

/** How a state looks: work goes on by itself, wait needs a person, bad is lost unless retaken. */
export type Tone = 'plain' | 'work' | 'good' | 'wait' | 'bad';

export interface PhotoState {
  readonly tone: Tone;
  readonly label: string;
  /** What it means for the reader; empty where there is nothing to do. */
  readonly sentence: string;
}

type Stated = Pick<Photo, 'state' | 'quarantine_reason' | 'session'>;

const KEPT: Readonly<Record<string, readonly [Tone, keyof typeof texts.states]>> = {
  pending: ['plain', 'waiting'],
  processing: ['work', 'counting'],
  completed: ['good', 'counted'],
  needs_location: ['wait', 'needsPlace'],
  needs_config: ['wait', 'needsConfig'],
  needs_calibration: ['wait', 'needsCalibration'],
  failed: ['bad', 'failed'],
};

const GONE: Readonly<Record<string, readonly [Tone, keyof typeof texts.states]>> = {
  quarantined: ['bad', 'refused'],
  expired: ['plain', 'expired'],
  erased: ['plain', 'erased'],
};

/** A photo's state in the words of the people who take photos. */
export function describeState(photo: Stated): PhotoState {
  const [tone, key] = GONE[photo.state] ?? KEPT[photo.session.state] ?? ['plain', 'waiting'];
  const { label, sentence } = texts.states[key];
  const reason = key === 'refused' ? photo.quarantine_reason : undefined;
  const error = key === 'failed' ? photo.session.error_message : undefined;
  return { tone, label, sentence: reason ?? error ?? sentence };
}

export function matchesFilter(photo: Stated, filter: PhotoFilter): boolean {
  if (filter === 'all') return true;
  const { tone } = describeState(photo);
  return filter === 'waiting' ? tone === 'wait' : tone === 'bad';
}

/** True while the photo's count is still to come. */
export function isUnderWay(photo: Stated): boolean {
  if (photo.state !== 'stored') return false;
  return photo.session.state === 'pending' || photo.session.state === 'processing';
}
