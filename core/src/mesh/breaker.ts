import type { Clock } from '@demeter/common/clock';

/** Failures in a row after which a server gets no photos for a while. */
const FAILURES_MAX = 5;
/** How long it gets none. */
const OPEN_MS = 30_000;

/**
 * Circuit breaker of one inference server.
 *
 *   closed ──5 failures in a row──► open ──30 s──► half-open ──success──► closed
 *                                    ▲                │
 *                                    └────failure─────┘
 *
 * closed: photos flow. open: none is sent. half-open: one is sent, and decides.
 */
export class Breaker {
  #failures = 0;
  #openedAt: number | undefined;

  constructor(private readonly clock: Clock) {}

  /** `inFlight`: photos under way there; a half-open breaker lets a single one through. */
  admits(inFlight: number): boolean {
    const state = this.state;
    return state === 'closed' || (state === 'half-open' && inFlight === 0);
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#openedAt === undefined) return 'closed';
    return this.clock.monotonic() - this.#openedAt >= OPEN_MS ? 'half-open' : 'open';
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openedAt = undefined;
  }

  /** The server failed, not the photo. */
  failed(): void {
    this.#failures++;
    if (this.state === 'half-open' || this.#failures >= FAILURES_MAX) {
      this.#openedAt = this.clock.monotonic();
    }
  }
}
