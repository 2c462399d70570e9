import { backoffMs } from '@demeter/common/retry';

const PAUSE_MIN_MS = 250;
const BACKOFF = { baseMs: 500, maxMs: 30_000 };
/** A server that lived so long starts its back-off anew. */
const STEADY_MS = 60_000;

/** How long a slot waits before its server is started again: longer with each life that ends early. */
export class RestartPause {
  #failures = 0;

  constructor(private readonly random: () => number = Math.random) {}

  /** Milliseconds, after a life of `livedMs` that has ended by itself. */
  next(livedMs: number): number {
    this.#failures = livedMs > STEADY_MS ? 1 : this.#failures + 1;
    return PAUSE_MIN_MS + backoffMs(this.#failures - 1, { ...BACKOFF, random: this.random });
  }

  /** A life has ended because it was to. */
  reset(): void {
    this.#failures = 0;
  }
}
