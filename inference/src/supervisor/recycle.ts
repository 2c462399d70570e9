/** What a server has done and holds, as its liveness probe says. */
export interface Usage {
  /** Photos answered in this life. */
  readonly photos: number;
  readonly residentBytes: number;
}

/** When a server is replaced though nothing is wrong with it; 0: never for that reason. */
export interface RecycleLimits {
  readonly photosMax: number;
  readonly residentBytesMax: number;
}

/**
 * A server younger than this is not recycled for its memory: one that needs more than the limit
 * right after its start would do nothing but start.
 */
const AGE_MIN_MS = 60_000;

/** Why a server is to be replaced by a fresh one; empty while it is not. Pure. */
export function whyRecycle(usage: Usage, limits: RecycleLimits, ageMs: number): string {
  if (limits.photosMax > 0 && usage.photos >= limits.photosMax) {
    return `It has answered ${usage.photos} photos.`;
  }
  const large = limits.residentBytesMax > 0 && usage.residentBytes >= limits.residentBytesMax;
  return large && ageMs >= AGE_MIN_MS ? `It holds ${usage.residentBytes} bytes.` : '';
}
