import type { Logger } from '@demeter/common/logger';

/** Why work that is done again and again fails: said when it begins, changes or is over, not each time. */
export class Trouble {
  #now: string | null = null;

  constructor(
    private readonly log: Logger,
    private readonly what: string,
  ) {}

  /** Why it failed the last time, or null. */
  get now(): string | null {
    return this.#now;
  }

  /** Does the work; its failure holds up nothing else. */
  async hold(act: () => unknown): Promise<void> {
    let trouble: string | null = null;
    try {
      await act();
      if (this.#now !== null) this.log.info(`no more: ${this.what}`);
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
      if (trouble !== this.#now) this.log.warn({ err: error }, this.what);
    }
    this.#now = trouble;
  }
}
