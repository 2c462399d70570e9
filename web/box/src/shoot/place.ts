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

export const place = signal<Place>(read());

export function choosePlace(code: Place): void {
  place.value = code;
  stay();
}

/** A photo was taken here: the worker is still there. */
export function stay(): void {
  const code = place.value;
  if (code === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, JSON.stringify({ code, at: Date.now() } satisfies Kept));
}

function read(): Place {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Kept | null;
    return kept && Date.now() - kept.at < STAYS_MS ? kept.code : null;
  } catch {
    return null;
  }
}
