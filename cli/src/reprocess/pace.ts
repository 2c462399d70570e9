/** Over this long the rate is measured, so that it follows a server that comes or goes. */
const WINDOW_MS = 60_000;

/** Photos per second, and how long the rest takes. */
export class Pace {
  readonly #seen: { readonly at: number; readonly done: number }[] = [];

  /** `at`: milliseconds of a clock that never goes back. */
  add(at: number, done: number): void {
    this.#seen.push({ at, done });
    while (this.#seen.length > 2 && this.#seen[1]!.at <= at - WINDOW_MS) this.#seen.shift();
  }

  /** Undefined before two moments are known. */
  get photosPerSecond(): number | undefined {
    const first = this.#seen[0];
    const last = this.#seen.at(-1);
    if (!first || !last || last.at === first.at) return undefined;
    return (1000 * (last.done - first.done)) / (last.at - first.at);
  }

  /** Undefined where nothing moves. */
  secondsLeft(photos: number): number | undefined {
    const rate = this.photosPerSecond;
    const done = this.#seen.at(-1)?.done ?? 0;
    return rate ? Math.max(0, photos - done) / rate : undefined;
  }
}

/** 42 s, 3 min, 2 h 05 min. */
export function durationWords(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
