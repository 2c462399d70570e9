import type { Clock } from '@demeter/common/clock';
import { backoffMs } from '@demeter/common/retry';
import { CoreError } from './core-error.ts';

/** A core that never answered has a wrong address rather than a restart. */
const FIRST_ANSWER_SECONDS = 10;
const BACKOFF = { baseMs: 200, maxMs: 5_000 };

export interface PatienceOptions {
  /** How long the core may be away, from its last answer on. */
  readonly seconds: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For people; called once each time the core goes away. */
  readonly say: (line: string) => void;
}

/** Decides whether a broken call is made again, and waits until it is time. */
export class Patience {
  #answered = false;
  #attempt = 0;
  #lastAnswer: number;

  constructor(private readonly options: PatienceOptions) {
    this.#lastAnswer = options.clock.monotonic();
  }

  answered(): void {
    if (this.#attempt > 0) this.options.say('the core is back');
    this.#answered = true;
    this.#attempt = 0;
    this.#lastAnswer = this.options.clock.monotonic();
  }

  /** Returns when the next try is due; throws `error` where another try makes no sense. */
  async failed(error: CoreError): Promise<void> {
    const { seconds, clock, signal, say } = this.options;
    if (!error.again || signal.aborted) throw error;
    const patient = this.#answered ? seconds : Math.min(seconds, FIRST_ANSWER_SECONDS);
    if (clock.monotonic() - this.#lastAnswer >= patient * 1000) {
      throw new CoreError(
        'CORE_AWAY',
        `The core did not answer for ${patient} s: ${error.code} ${error.message}`,
        'Start one (`bun run demo`) or check its address; then give the same command again.',
        false,
      );
    }
    if (this.#attempt === 0) say(`the core does not answer (${error.code}); trying again …`);
    // At least half of the ceiling: a core that is gone needs a moment in any case.
    const delay = backoffMs(this.#attempt, BACKOFF) / 2 + BACKOFF.baseMs / 2;
    this.#attempt++;
    await clock.sleep(delay, signal).catch(() => {
      throw error;
    });
  }
}
