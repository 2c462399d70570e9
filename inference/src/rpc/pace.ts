/** Weight of the newest answer in the mean time of one. */
const NEWEST = 0.1;
/** Before there was an answer. */
const FIRST_MS = 100;
const RETRY_MS = { min: 50, max: 10_000 } as const;

/** How fast answers come of late, and so when one who was refused should come again. */
export class Pace {
  #meanMs = FIRST_MS;

  /** One was answered after `ms`; with it so many were here when it came. */
  answered(ms: number, pendingThen: number): void {
    this.#meanMs += (ms / pendingThen - this.#meanMs) * NEWEST;
  }

  /** When, at this pace, half of those who are here are done. */
  retryAfterSeconds(pending: number): number {
    const waitMs = (this.#meanMs * pending) / 2;
    return Math.min(RETRY_MS.max, Math.max(RETRY_MS.min, waitMs)) / 1000;
  }
}
