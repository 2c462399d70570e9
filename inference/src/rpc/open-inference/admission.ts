import { AppError } from '@demeter/common/errors';

/** Weight of the newest request in the mean time of one. */
const NEWEST = 0.1;
const RETRY_MS = { min: 50, max: 10_000 } as const;

/** How many tensor requests may be here at once: each holds its tensors in memory. */
export class Admission {
  #pending = 0;
  #meanMs = 100;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(private readonly requestsMax: number) {}

  /**
   * Runs `work`, or refuses it at once. Throws TOO_MANY_REQUESTS with the time after which, at the
   * pace of late, half of those before it are done; DRAINING.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#drained) throw new AppError('DRAINING', 'This server is stopping.');
    if (this.#pending >= this.requestsMax) {
      const waitMs = (this.#meanMs * this.#pending) / 2;
      throw new AppError('TOO_MANY_REQUESTS', `${this.#pending} requests are waiting.`, {
        hint: 'Try again when the retry delay has passed, or ask another server.',
        retryAfterSeconds: Math.min(RETRY_MS.max, Math.max(RETRY_MS.min, waitMs)) / 1000,
      });
    }
    const pendingThen = ++this.#pending;
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.#pending--;
      const ms = (performance.now() - started) / pendingThen;
      this.#meanMs += (ms - this.#meanMs) * NEWEST;
      this.#settle();
    }
  }

  /** Takes nothing more; resolves when what is under way has ended. */
  drain(): Promise<void> {
    this.#drained ??= Promise.withResolvers();
    this.#settle();
    return this.#drained.promise;
  }

  #settle(): void {
    if (this.#pending === 0) this.#drained?.resolve();
  }
}
