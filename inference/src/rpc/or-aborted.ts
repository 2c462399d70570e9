/** A timer that is set for longer ends at once. */
export const TIMER_MS_MAX = 2 ** 31 - 1;

/** The result, or the signal's reason as soon as it aborts: an inference cannot be interrupted. */
export function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  return promise;
}
