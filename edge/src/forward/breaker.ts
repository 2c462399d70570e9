/**
 * Whether a destination is worth a try.
 *
 * States: closed (all may pass) → open, after FAILURES_MAX in a row (none may pass until its time
 * comes) → trial (one may pass) → closed on success, open for longer on failure.
 */

const FAILURES_MAX = 3;
/**
 * A trial is one small request. The longer a destination has been away, the longer the pause may
 * be: an outage lasts at most a quarter longer than it did, and after half an hour a fleet of
 * boxes asks as rarely as every five minutes each, spread evenly.
 */
const PAUSE_MIN_MS = 1_000;
const PAUSE_MAX_MS = 300_000;
const PAUSE_SHARE = 0.25;

export class Breaker {
  #failures = 0;
  #openSince = 0;
  #openUntil: number | null = null;
  /** Until then it asked itself to be left alone. */
  #notBefore = 0;
  #trial = false;
  #reason: string | null = null;
  #code = '';

  constructor(
    /** Monotonic milliseconds. */
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

  /** The reason in a word (symptoms.ts). */
  get code(): string {
    return this.#code;
  }

  /** Milliseconds until another try may pass; 0: now. */
  waitMs(): number {
    if (this.#openUntil === null) return 0;
    if (this.#trial) return PAUSE_MIN_MS;
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
    this.#openUntil = null;
    this.#trial = false;
    this.#reason = null;
    if (wasOpen) this.onClosed();
  }

  /** `waitMs`: what the destination itself asked for. */
  fail(reason: string, waitMs = 0, code = ''): void {
    this.#reason = reason;
    this.#code = code;
    this.#failures++;
    if (this.#failures < FAILURES_MAX && this.#openUntil === null) return;
    this.#trial = false;
    const now = this.now();
    if (this.#openUntil === null) this.#openSince = now;
    const away = Math.max(0, now - this.#openSince);
    const ceiling = Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, away * PAUSE_SHARE));
    this.#notBefore = now + waitMs;
    this.#openUntil = Math.max(this.#notBefore, now + this.random() * ceiling);
  }

  /** What stood between here and there may be gone: tried soon, unless it asked for a pause itself. */
  hasten(): void {
    if (this.#openUntil === null) return;
    const soon = this.now() + this.random() * PAUSE_MIN_MS;
    this.#openUntil = Math.max(this.#notBefore, Math.min(this.#openUntil, soon));
  }

  /** The one who passed ended without an answer for or against, e.g. the edge is stopping. */
  leave(): void {
    this.#trial = false;
  }
}
