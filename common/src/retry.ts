import type { Clock } from './clock.ts';

export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  readonly random?: () => number;
}

/**
 * Full jitter: a uniform delay in [0, min(maxMs, baseMs · 2^attempt)).
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return Math.floor((options.random ?? Math.random)() * ceiling);
}

export interface RetryOptions extends BackoffOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Tries in all; Infinity for as long as it takes. */
  readonly attemptsMax: number;
  readonly retryable: (error: unknown) => boolean;
  readonly onRetry?: (error: unknown, attempt: number) => void;
}

/** Calls `run` until it succeeds, fails for good, or the tries are used up; rethrows the last error. */
export async function retry<T>(run: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      const last = attempt + 1 >= options.attemptsMax;
      if (last || options.signal?.aborted || !options.retryable(error)) throw error;
      options.onRetry?.(error, attempt);
      await options.clock.sleep(backoffMs(attempt, options), options.signal);
    }
  }
}
