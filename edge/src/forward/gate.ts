/** Lets so many through at the same time; the others wait, first come first served. */
export class Gate {
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly limit: () => number,
    private readonly onLeave: () => void = () => {},
  ) {}

  /** Whoever comes now need not wait. */
  get open(): boolean {
    return this.#waiting.length === 0 && this.#inside < this.limit();
  }

  /** True: inside. */
  tryEnter(): boolean {
    if (!this.open) return false;
    this.#inside++;
    return true;
  }

  /** Resolves inside. Rejects with the signal's reason, outside. */
  async enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.tryEnter()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const admit = () => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    const stop = () => {
      this.#waiting.splice(this.#waiting.indexOf(admit), 1);
      reject(signal.reason);
    };
    this.#waiting.push(admit);
    signal.addEventListener('abort', stop, { once: true });
    await promise;
  }

  leave(): void {
    this.#inside--;
    while (this.#inside < this.limit()) {
      const admit = this.#waiting.shift();
      if (!admit) break;
      this.#inside++;
      admit();
    }
    this.onLeave();
  }
}

/** Goes through gates in their order, out of one only into the next. */
export class Passage {
  #at: Gate | null;

  /** `first` has been entered. */
  constructor(first: Gate) {
    this.#at = first;
  }

  async into(gate: Gate, signal: AbortSignal): Promise<void> {
    await gate.enter(signal);
    this.end();
    this.#at = gate;
  }

  end(): void {
    this.#at?.leave();
    this.#at = null;
  }
}
