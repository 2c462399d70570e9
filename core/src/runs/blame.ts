import type { ErrorCode } from '@demeter/common/errors';

const PHOTO: readonly ErrorCode[] = [
  'UNDECODABLE_PHOTO',
  'NOT_AN_IMAGE',
  'TRUNCATED_PHOTO',
  'EMPTY_PHOTO',
  'TOO_MANY_PIXELS',
  'PHOTO_TOO_LARGE',
];
const NOT_FIT: readonly ErrorCode[] = [
  'MODEL_UNAVAILABLE',
  'MODEL_MISMATCH',
  'MODEL_INVALID',
  'MODEL_MEMORY_FULL',
  'DRAINING',
  'CANCELLED',
  'TOO_MANY_REQUESTS',
];

/**
 * Whose fault a server's failure is. `photo`: no other server would count it. `server`: it cannot
 * take the photo now, and the photo is not to blame. `unknown`: another server may tell.
 */
export function blameOf(code: ErrorCode): 'photo' | 'server' | 'unknown' {
  if (PHOTO.includes(code)) return 'photo';
  return NOT_FIT.includes(code) ? 'server' : 'unknown';
}

const NOT_FIT_DELAY_MS = 2_000;
const DELAY_MAX_MS = 60_000;
/** The server itself is left alone for as long as it asked; another may be free any moment. */
const FULL_DELAY_MS = 100;
/** Room for a model comes when others let go of theirs: sooner makes servers evict in turns. */
const NO_ROOM_DELAY_MS = 5_000;

/** When a photo that a server could not take is tried again. */
export function retryDelayMs(failure: {
  readonly code: ErrorCode;
  readonly retryAfterMs: number;
}): number {
  if (failure.code === 'TOO_MANY_REQUESTS') return FULL_DELAY_MS;
  const usual = failure.code === 'MODEL_MEMORY_FULL' ? NO_ROOM_DELAY_MS : NOT_FIT_DELAY_MS;
  return Math.min(failure.retryAfterMs || usual, DELAY_MAX_MS);
}
