import { AppError } from '@demeter/common/errors';

/** Wrong tries that cost nothing: people mistype. */
const FREE_TRIES = 3;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 15 * 60_000;

/**
 * Locks a door after wrong tries, each time for twice as long; a right one opens it for good.
 * One count for all callers: on a local network anyone can have many addresses.
 */
export class BackOff {
  #wrong = 0;
  #lockedUntil = 0;

  /** `monotonic`: milliseconds that never go back. */
  constructor(private readonly monotonic: () => number) {}

  /** Throws TOO_MANY_REQUESTS while the door is locked. */
  requireOpen(): void {
    const waitMs = this.#lockedUntil - this.monotonic();
    if (waitMs <= 0) return;
    throw new AppError('TOO_MANY_REQUESTS', 'Too many wrong PINs were tried.', {
      retryAfterSeconds: Math.ceil(waitMs / 1000),
    });
  }

  /** Notes a try. */
  note(right: boolean): void {
    this.#wrong = right ? 0 : this.#wrong + 1;
    const beyond = this.#wrong - FREE_TRIES;
    if (beyond < 0) return;
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** beyond);
    this.#lockedUntil = this.monotonic() + waitMs;
  }
}
