const SECONDS = 60;

/** How much of something there was a second, over the last minute: a sum for each second of it. */
export class Rate {
  readonly #sums = new Float64Array(SECONDS);
  #second = 0;

  /** `now` in milliseconds, of a clock that never goes back. */
  add(amount: number, now = performance.now()): void {
    this.#moveTo(now);
    this.#sums[this.#second % SECONDS]! += amount;
  }

  perSecond(now = performance.now()): number {
    this.#moveTo(now);
    return this.#sums.reduce((sum, each) => sum + each, 0) / SECONDS;
  }

  /** Forgets what is older than a minute. */
  #moveTo(now: number): void {
    const second = Math.floor(now / 1000);
    const first = Math.max(this.#second + 1, second - SECONDS + 1);
    for (let each = first; each <= second; each++) this.#sums[each % SECONDS] = 0;
    this.#second = Math.max(this.#second, second);
  }
}
