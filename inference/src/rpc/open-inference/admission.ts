import { AppError } from '@demeter/common/errors';
import { Pace } from '../pace.ts';

/** How many tensor requests may be here at once: each holds its tensors in memory. */
export class Admission {
  readonly #pace = new Pace();
  #pending = 0;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(private readonly requestsMax: number) {}

  /**
   * Runs `work`, or refuses it at once. Throws TOO_MANY_REQUESTS with the time after which, at the
   * pace of late, half of those before it are done; DRAINING.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#drained) throw new AppError('DRAINING', 'This server is stopping.');
    if (this.#pending >= this.requestsMax) {
      throw new AppError('TOO_MANY_REQUESTS', `${this.#pending} requests are waiting.`, {
        hint: 'Try again when the retry delay has passed, or ask another server.',
        retryAfterSeconds: this.#pace.retryAfterSeconds(this.#pending),
      });
    }
    const pendingThen = ++this.#pending;
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.#pending--;
      this.#pace.answered(performance.now() - started, pendingThen);
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
