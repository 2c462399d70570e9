import type { Clock } from '@demeter/common/clock';
import type { World } from './world.ts';

/** Sleeps of at least this long come late, at the next of these moments: weeks are mostly looks at nothing. */
const LOOK_MS = 1_000;
const LATE_MS = 15_000;

/** Thrown where a process ends in the middle of a step that does not wait. */
export class Ended extends Error {}

/**
 * One life of the box's process, from its start to its end. Everything it does goes through here,
 * one step after the other, so that it can end at any of them; what was under way then never goes
 * on. An ended life reaches neither disk nor journal nor network any more.
 */
export class Life {
  alive = true;
  /** Rejects when it ends. */
  readonly ended: Promise<never>;
  #end: (error: Error) => void = () => {};
  #stepsLeft = Number.POSITIVE_INFINITY;
  #onLast: () => void = () => {};
  readonly #bootAt: number;

  constructor(readonly world: World) {
    this.#bootAt = world.now;
    this.ended = new Promise((_resolve, reject) => {
      this.#end = reject;
    });
    this.ended.catch(() => {});
  }

  /** Calls `last` in so many steps, which ends it there. */
  endIn(steps: number, last: () => void): void {
    this.#stepsLeft = steps;
    this.#onLast = last;
  }

  /** To be called by whoever pulls the plug. */
  end(): void {
    this.alive = false;
    this.#end(new Ended('the process has ended'));
  }

  /** Throws Ended where the process ends here, or has ended. */
  step(name: string): void {
    if (this.alive && this.#stepsLeft-- <= 0) {
      this.world.note(`the process ends at the step ${name}`);
      this.#onLast();
    }
    if (!this.alive) throw new Ended(name);
  }

  /** Does something that takes time: `act` happens at its end, if the process lives to see it. */
  async operation<T>(name: string, maxMs: number, act: () => T): Promise<T> {
    if (!this.#reach(name)) return await never();
    const { random } = this.world;
    if (random.chance(0.3)) {
      await new Promise<void>((resolve) => {
        this.world.after(random.next() * maxMs, 'io', resolve);
      });
      if (!this.#reach(name)) return await never();
    }
    return act();
  }

  /** Waits so long for something that is under way, or rejects with the signal's reason. */
  async wait(ms: number, signal: AbortSignal | null, kind: 'io' | 'box' = 'io'): Promise<void> {
    if (!this.alive) return await never();
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = this.world.after(ms, kind, () => {
      signal?.removeEventListener('abort', stop);
      if (this.alive) resolve();
    });
    const stop = () => {
      timer.cancel();
      if (this.alive) reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    await promise;
  }

  readonly clock: Clock = {
    now: () => Math.floor(this.world.wallAtStart + this.world.now),
    monotonic: () => this.world.now - this.#bootAt,
    sleep: (ms, signal) => this.wait(this.#late(ms), signal ?? null, 'box'),
  };

  /** Whoever looks around every second does so together with the others, every few seconds. */
  #late(ms: number): number {
    if (ms < LOOK_MS) return ms;
    const { now } = this.world;
    return Math.ceil((now + ms) / LATE_MS) * LATE_MS - now;
  }

  #reach(name: string): boolean {
    try {
      this.step(name);
      return true;
    } catch {
      return false;
    }
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
