/** Photos that follow each other closer than this come in a crowd. */
const GAP_MS = 50;
/** As long as a crowd goes first: the shots of one moment are taken by then. */
const FIRST_MS = 1_000;
/** A crowd that is back within this time is the same one. */
const CALM_MS = 1_000;

/**
 * Several cameras whose photos are taken one upon the other. A new crowd goes before work that can
 * wait, because that slows accepts even where a core is free. One that stays is no crowd but the
 * load, and uploads that only take long over a weak link are none.
 */
export class Crowd {
  #underWay = 0;
  #since = Number.NEGATIVE_INFINITY;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** `now`: monotonic milliseconds. */
  constructor(private readonly now: () => number) {}

  begun(): void {
    this.#underWay++;
  }

  /** One that has begun was taken. */
  taken(): void {
    if (this.#underWay < 2) return;
    const now = this.now();
    if (now - this.#lastAt > CALM_MS) this.#since = now;
    this.#lastAt = now;
  }

  /** Taken or not. */
  ended(): void {
    this.#underWay--;
  }

  get goesFirst(): boolean {
    const now = this.now();
    return this.#underWay > 1 && now - this.#lastAt < GAP_MS && now - this.#since < FIRST_MS;
  }
}
