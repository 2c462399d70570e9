import { createHash } from 'node:crypto';

/**
 * What box and centre compare, day by day: the set of a box's registered sightings, each with its
 * photo. A day is that of the sighting's `accepted_at` in UTC, as the box said it. Both sides write
 * a sighting as one key, the photo's SHA-256 in hex and the sighting's ULID, and hash a day's keys
 * in their order (docs/adr/0013-comparing-days.md).
 */

export const DAY_MS = 86_400_000;
export const SIGHTING_KEY_PATTERN = '^[0-9a-f]{64}[0-9A-HJKMNP-TV-Z]{26}$';
const SHA256_CHARS = 64;

export interface KeyedSighting {
  /** Hex. */
  readonly sha256: string;
  /** ULID. */
  readonly sightingId: string;
}

export function toSightingKey({ sha256, sightingId }: KeyedSighting): string {
  return sha256 + sightingId;
}

export function parseSightingKey(key: string): KeyedSighting {
  return { sha256: key.slice(0, SHA256_CHARS), sightingId: key.slice(SHA256_CHARS) };
}

/** YYYY-MM-DD of a moment in UTC milliseconds. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** SHA-256 (hex) of a day's keys in the order of their bytes; the same for the same set. */
export function digestOfDay(keys: Iterable<string>): string {
  const hash = createHash('sha256');
  // The default order is that of UTF-16 units, which for these letters is that of bytes.
  for (const key of [...keys].sort()) hash.update(key);
  return hash.digest('hex');
}

/**
 * Compares what one side held before it asked with what the other answers, page by page. Keys that
 * come twice count once; the order does not matter.
 */
export class DayComparison {
  readonly #unanswered: Set<string>;
  readonly #agreed = new Set<string>();
  readonly #onlyThere = new Set<string>();

  constructor(here: Iterable<string>) {
    this.#unanswered = new Set(here);
  }

  take(page: Iterable<string>): void {
    for (const key of page) {
      if (this.#unanswered.delete(key)) this.#agreed.add(key);
      else if (!this.#agreed.has(key)) this.#onlyThere.add(key);
    }
  }

  /** On both sides, so far. */
  get agreed(): readonly string[] {
    return [...this.#agreed];
  }

  /** Once every page was taken: what the other side lacks. */
  get onlyHere(): readonly string[] {
    return [...this.#unanswered];
  }

  /** What this side did not hold when it asked. */
  get onlyThere(): readonly string[] {
    return [...this.#onlyThere];
  }
}
