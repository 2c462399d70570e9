import { type ErrorCode, toAppError } from '@demeter/common/errors';

/** What models have done since they were loaded: the one source of ModelStatistics and `nv_inference_*`. */

/** How often, and how long in all. */
export interface Duration {
  count: number;
  ms: number;
}

/** As Triton's `reason` label has them. */
type FailureReason = 'REJECTED' | 'CANCELED' | 'BACKEND' | 'OTHER';

/** The stages of one request. */
export interface StageTimes {
  readonly queueMs: number;
  readonly inputMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
}

/** One version of a model. */
export class ModelStatistics {
  /** Milliseconds since the epoch; 0: never. */
  lastInferenceMs = 0;
  /** Requests that came and are not answered. */
  pending = 0;
  readonly success = duration();
  readonly failure = duration();
  readonly failures = new Map<FailureReason, number>();
  readonly queue = duration();
  readonly input = duration();
  readonly infer = duration();
  readonly output = duration();
  /** Images run, and runs: their ratio is the mean batch. */
  images = 0;
  executions = 0;
  /** Runs by the number of images in them. */
  readonly batches = new Map<number, Duration>();

  constructor(
    readonly name: string,
    readonly version: string,
  ) {}

  /** Counts one request that came at `startedAt`: its stages, or how it failed. */
  async request<T>(
    startedAt: number,
    work: () => Promise<{ readonly answer: T; readonly times: StageTimes }>,
  ): Promise<T> {
    this.pending++;
    try {
      const { answer, times } = await work();
      this.lastInferenceMs = Date.now();
      add(this.success, performance.now() - startedAt);
      add(this.queue, times.queueMs);
      add(this.input, times.inputMs);
      add(this.infer, times.inferMs);
      add(this.output, times.outputMs);
      return answer;
    } catch (error) {
      const reason = failureReason(toAppError(error).code);
      add(this.failure, performance.now() - startedAt);
      this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
      throw error;
    } finally {
      this.pending--;
    }
  }

  /** One run of the session. */
  executed(images: number, inferMs: number): void {
    this.images += images;
    this.executions++;
    const batch = this.batches.get(images) ?? duration();
    this.batches.set(images, batch);
    add(batch, inferMs);
  }
}

/** All models of this server. */
export class Statistics {
  readonly #models = new Map<string, ModelStatistics>();

  of({ name, version }: { readonly name: string; readonly version: string }): ModelStatistics {
    const key = `${name}/${version}`;
    const found = this.#models.get(key) ?? new ModelStatistics(name, version);
    this.#models.set(key, found);
    return found;
  }

  all(): readonly ModelStatistics[] {
    return [...this.#models.values()];
  }
}

/** Which of Triton's reasons an error of the closed list is. */
function failureReason(code: ErrorCode): FailureReason {
  if (code === 'TOO_MANY_REQUESTS') return 'REJECTED';
  if (code === 'CANCELLED' || code === 'DEADLINE_EXCEEDED') return 'CANCELED';
  return code === 'INFERENCE_FAILED' ? 'BACKEND' : 'OTHER';
}

function duration(): Duration {
  return { count: 0, ms: 0 };
}

function add(to: Duration, ms: number): void {
  to.count++;
  to.ms += ms;
}
