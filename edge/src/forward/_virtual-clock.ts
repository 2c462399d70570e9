import type { Clock } from '@demeter/common/clock';

/** A clock that stands still until everybody sleeps, and then goes to whoever wakes first. */
export class VirtualClock implements Clock {
  #now = 0;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  constructor(
    /** What the wall clock shows at the beginning; UTC ms. */
    public wall: number,
  ) {}

  now(): number {
    return this.wall + this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#sleepers.push({ at: this.#now + ms, wake: resolve });
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    return promise;
  }

  /** Lets `ms` pass, one sleeper after the other. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      // Whoever is awake runs until it sleeps again.
      await Bun.sleep(0);
      this.#sleepers.sort((a, b) => a.at - b.at);
      const next = this.#sleepers[0];
      if (!next || next.at > end) break;
      this.#sleepers.shift();
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = end;
  }
}
