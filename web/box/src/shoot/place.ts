import { signal } from '@preact/signals';

/** Where the worker stands: a place's code, '' for "without a place", null: not chosen yet. */
export type Place = string | null;

const KEY = 'demeter-place';
/** Somebody who comes back later stands elsewhere: the place is asked for again. */
const STAYS_MS = 60 * 60_000;

interface Kept {
  readonly code: string;
  readonly at: number;
}

/** When somebody last chose it, or took a photo there. */
let keptAt = 0;
export const place = signal<Place>(read());

export function choosePlace(code: Place): void {
  place.value = code;
  stay();
}

/** A photo was taken here: the worker is still there. */
export function stay(): void {
  const code = place.value;
  keptAt = Date.now();
  try {
    if (code === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify({ code, at: keptAt } satisfies Kept));
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

function read(): Place {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Kept | null;
    if (kept === null || isOld(kept.at)) return null;
    keptAt = kept.at;
    return kept.code;
  } catch {
    return null;
  }
}
