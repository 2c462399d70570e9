import type { CaseOn, Detail } from './fault-case.ts';

interface Stoppable {
  stop(keepLogs: boolean): Promise<void>;
}

/** Slices of cases that share a system, one after the other; other lanes may run beside it. */
export class Lane<System extends Stoppable> {
  readonly #outcomes = new Map<number, PromiseWithResolvers<Detail>>();
  #system: System | undefined;
  #failed = false;

  constructor(
    private readonly cases: readonly CaseOn<System>[],
    private readonly seed: number,
  ) {
    for (const { number } of cases) {
      const outcome = Promise.withResolvers<Detail>();
      // Whoever asks for it hears of an error; nobody may have asked yet.
      outcome.promise.catch(() => {});
      this.#outcomes.set(number, outcome);
    }
  }

  /** Begins; `outcome` tells how each goes. */
  start(system: System): void {
    this.#system = system;
    void this.#run(system);
  }

  async #run(system: System): Promise<void> {
    for (const { number, run } of this.cases) {
      const { resolve, reject } = this.#outcomes.get(number)!;
      try {
        resolve(await run(system, { seed: this.seed, seconds: 0, quick: true }));
      } catch (error) {
        this.#failed = true;
        reject(error);
      }
    }
  }

  /** Rejects with what went wrong. */
  async outcome(number: number): Promise<Detail> {
    return await this.#outcomes.get(number)!.promise;
  }

  async stop(): Promise<void> {
    await this.#system?.stop(this.#failed);
  }
}
