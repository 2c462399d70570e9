/** Seconds of work after which what was measured counts half. */
const HALF_LIFE_SECONDS = 30;

/**
 * Tiles that a server does in a second of work. The time in which it had nothing to do counts
 * for nothing, so that an idle server is not taken for a slow one.
 */
export class Rate {
  #tiles = 0;
  #seconds = 0;
  #busySince: number | undefined;

  /** The number of photos under way has changed. `nowMs`: monotonic. */
  inFlight(photos: number, nowMs: number): void {
    this.#settle(nowMs);
    this.#busySince = photos > 0 ? nowMs : undefined;
  }

  done(tiles: number): void {
    // A photo is at least one look at it.
    this.#tiles += Math.max(1, tiles);
  }

  /** 0: nothing was done yet. */
  get tilesPerSecond(): number {
    return this.#seconds > 0 ? this.#tiles / this.#seconds : 0;
  }

  #settle(nowMs: number): void {
    if (this.#busySince === undefined) return;
    const seconds = (nowMs - this.#busySince) / 1000;
    const kept = 0.5 ** (seconds / HALF_LIFE_SECONDS);
    this.#tiles *= kept;
    this.#seconds = this.#seconds * kept + seconds;
  }
}
