/** As long as a crowd of cameras goes before verdicts: their shots of one moment are taken by then. */
const FIRST_MS = 1_000;
/** A crowd that is back within this time is the same one. */
const CALM_MS = 1_000;

/**
 * Several cameras that send at once go before verdicts, whose work slows theirs even where they have
 * a processor each. A crowd that stays is no crowd but the load: it is judged while it sends.
 */
export class Crowd {
  #seenAt = Number.NEGATIVE_INFINITY;
  #firstUntil = 0;

  constructor(
    private readonly isThere: () => boolean,
    /** Monotonic milliseconds. */
    private readonly now: () => number,
  ) {}

  /** A verdict is to wait, and to ask again soon. */
  goesFirst(): boolean {
    if (!this.isThere()) return false;
    const now = this.now();
    if (now - this.#seenAt > CALM_MS) this.#firstUntil = now + FIRST_MS;
    this.#seenAt = now;
    return now < this.#firstUntil;
  }
}
