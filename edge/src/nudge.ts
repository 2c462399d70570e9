import { type Clock, systemClock } from '@demeter/common/clock';

/** One for all: an error is dear to make. */
const WOKEN = new Error('woken');

/** Lets a loop sleep until there is something to do, a time has passed, or it is to stop. */
export class Nudge {
  #wake: (() => void) | null = null;
  #pending = false;

  constructor(private readonly clock: Pick<Clock, 'sleep'> = systemClock) {}

  nudge(): void {
    this.#pending = true;
    this.#wake?.();
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#pending && !signal.aborted) {
      const woken = new AbortController();
      const wake = () => woken.abort(WOKEN);
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
      await this.clock.sleep(ms, woken.signal).catch(() => {});
      signal.removeEventListener('abort', wake);
      this.#wake = null;
    }
    this.#pending = false;
  }
}
