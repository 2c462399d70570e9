import { backoffMs } from '@demeter/common/retry';

/**
 * Whether a destination is worth a try.
 *
 * States: closed (all may pass) → open, after FAILURES_MAX in a row (none may pass until its time
 * comes) → trial (one may pass) → closed on success, open for longer on failure.
 */

const FAILURES_MAX = 3;
/** One small request a box: short enough that work goes on soon after the destination is back. */
const TRIAL_BACKOFF = { baseMs: 1_000, maxMs: 10_000 } as const;

export class Breaker {
  #failures = 0;
  #openings = 0;
  #openUntil: number | null = null;
  #trial = false;
  #reason: string | null = null;

  constructor(
    private readonly now: () => number,
    /** The destination answers again after it did not. */
    private readonly onClosed: () => void = () => {},
    private readonly random: () => number = Math.random,
  ) {}

  get closed(): boolean {
    return this.#openUntil === null;
  }

  /** Why it is open, or what failed last. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Milliseconds until another try may pass; 0: now. */
  waitMs(): number {
    if (this.#openUntil === null) return 0;
    if (this.#trial) return TRIAL_BACKOFF.maxMs;
    return Math.max(0, this.#openUntil - this.now());
  }

  /** Asks to pass; while open, the one who gets true makes the trial and must report its end. */
  enter(): boolean {
    if (this.#openUntil === null) return true;
    if (this.waitMs() > 0) return false;
    this.#trial = true;
    return true;
  }

  succeed(): void {
    const wasOpen = this.#openUntil !== null;
    this.#failures = 0;
    this.#openings = 0;
    this.#openUntil = null;
    this.#trial = false;
    this.#reason = null;
    if (wasOpen) this.onClosed();
  }

  /** `waitMs`: what the destination itself asked for. */
  fail(reason: string, waitMs = 0): void {
    this.#reason = reason;
    this.#failures++;
    if (this.#failures < FAILURES_MAX && this.#openUntil === null) return;
    this.#trial = false;
    const pause = Math.max(
      waitMs,
      backoffMs(this.#openings++, { ...TRIAL_BACKOFF, random: this.random }),
    );
    this.#openUntil = this.now() + pause;
  }

  /** The one who passed ended without an answer for or against, e.g. the edge is stopping. */
  leave(): void {
    this.#trial = false;
  }
}
