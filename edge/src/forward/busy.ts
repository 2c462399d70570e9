import { type Concurrency, nextConcurrency, START, type Window } from './concurrency.ts';

/** Photos by which a window is judged: few enough to follow a link that changes within minutes. */
const WINDOW_PHOTOS = 4;

/** How many photos travel at the same time, learnt from those that did while there was a backlog. */
export class Busy {
  #concurrency: Concurrency;
  #photos = 0;
  #bytes = 0;
  #since: number | null = null;

  constructor(
    private readonly max: number,
    /** Monotonic milliseconds. */
    private readonly now: () => number,
  ) {
    this.#concurrency = { ...START, limit: Math.min(START.limit, max) };
  }

  get limit(): number {
    return this.#concurrency.limit;
  }

  sent(bytes: number): void {
    this.#since ??= this.now();
    this.#photos++;
    this.#bytes += bytes;
    if (this.#photos >= WINDOW_PHOTOS * this.limit) this.#end(false);
  }

  failed(): void {
    this.#end(true);
  }

  /** Nothing to send: what a link does that is not used says nothing. */
  pause(): void {
    this.#begin(null);
  }

  #end(failed: boolean): void {
    const ms = this.#since === null ? 0 : this.now() - this.#since;
    const window: Window = { bytes: this.#bytes, ms, failed };
    this.#concurrency = nextConcurrency(this.#concurrency, window, this.max);
    this.#begin(this.now());
  }

  #begin(at: number | null): void {
    this.#photos = 0;
    this.#bytes = 0;
    this.#since = at;
  }
}
