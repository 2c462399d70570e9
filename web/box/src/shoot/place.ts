import { signal } from '@preact/signals';

/** Where the worker stands. */
export interface Place {
  /** '' for "without a place". */
  readonly code: string;
  /** As the nursery calls it, where the box knows that. */
  readonly name: string | null;
}

const KEY = 'demeter-place';
/** Somebody who comes back later stands elsewhere: the place is asked for again. */
const STAYS_MS = 60 * 60_000;

interface Kept extends Place {
  readonly at: number;
}

/** When somebody last chose it, or took a photo there. */
let keptAt = 0;
/** Null: not chosen yet. */
export const place = signal<Place | null>(read());

export function choosePlace(chosen: Place | null): void {
  place.value = chosen;
  stay();
}

/** A photo was taken here: the worker is still there. */
export function stay(): void {
  const here = place.value;
  keptAt = Date.now();
  try {
    if (here === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify({ ...here, at: keptAt } satisfies Kept));
  } catch {
    // A browser that stores nothing asks again after a reload.
  }
}

/** Asks for the place again where the page was left open and nobody took a photo for long. */
export function forgetOldPlace(): void {
  if (isOld(keptAt)) place.value = null;
}

function isOld(at: number): boolean {
  return Math.abs(Date.now() - at) > STAYS_MS;
}

function read(): Place | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Kept | null;
    if (kept === null || isOld(kept.at)) return null;
    keptAt = kept.at;
    return { code: kept.code, name: kept.name ?? null };
  } catch {
    return null;
  }
}
