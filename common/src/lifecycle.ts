import type { Logger } from './logger.ts';

/** One step of stopping; steps run in the order in which they were added, each within the deadline. */
interface Step {
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

/** Time from SIGTERM to exit (decisions: drain within 30 s). */
const DRAIN_MS = 30_000;

/**
 * Runs a process until SIGTERM or SIGINT: `stopping` aborts first, then the steps run in order,
 * then the process ends with 0 — or 1 if a step failed or the deadline passed.
 */
export class Lifecycle {
  readonly #stopping = new AbortController();
  readonly #steps: Step[] = [];
  #done: Promise<void> | undefined;

  constructor(private readonly log: Logger) {
    process.once('SIGTERM', () => void this.stop('SIGTERM'));
    process.once('SIGINT', () => void this.stop('SIGINT'));
  }

  /** Aborts when stopping begins: accept nothing new. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  onStop(name: string, stop: Step['stop']): void {
    this.#steps.push({ name, stop });
  }

  /** Stops once; later calls wait for the same end. */
  stop(reason: string): Promise<void> {
    this.#done ??= this.#run(reason);
    return this.#done;
  }

  async #run(reason: string): Promise<void> {
    this.log.info({ reason }, 'stopping');
    // A step that hangs must not keep the process: what it held is leased again elsewhere.
    const deadline = setTimeout(() => {
      this.log.error('not stopped in time');
      process.exit(1);
    }, DRAIN_MS);
    this.#stopping.abort(new Error(`stopping: ${reason}`));
    for (const step of this.#steps) {
      try {
        await step.stop();
        this.log.debug({ step: step.name }, 'stopped');
      } catch (error) {
        process.exitCode = 1;
        this.log.error({ err: error, step: step.name }, 'step failed while stopping');
      }
    }
    clearTimeout(deadline);
    this.log.info('stopped');
    process.exit(process.exitCode ?? 0);
  }
}
