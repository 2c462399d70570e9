/**
 * How many more answers a client takes. One that never says so takes them as they come; from its
 * first credit on it is held to what it has granted.
 */
export class ClientCredit {
  #left = Number.POSITIVE_INFINITY;
  #more = Promise.withResolvers<void>();

  add(answers: number): void {
    this.#left = Number.isFinite(this.#left) ? this.#left + answers : answers;
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }

  /** Waits for one. Throws the signal's reason. */
  async take(signal: AbortSignal): Promise<void> {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const onAbort = () => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (this.#left < 1 && !signal.aborted) await Promise.race([this.#more.promise, gone]);
      signal.throwIfAborted();
      this.#left--;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
