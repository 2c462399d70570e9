/** Lets a loop sleep until there is something to do, a time has passed, or it is to stop. */
export class Nudge {
  #wake: (() => void) | null = null;
  #pending = false;

  nudge(): void {
    this.#pending = true;
    this.#wake?.();
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#pending && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = () => resolve();
      const timer = setTimeout(wake, ms);
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
      await promise;
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      this.#wake = null;
    }
    this.#pending = false;
  }
}
