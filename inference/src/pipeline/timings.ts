/** Milliseconds that the stages of one photo took, added up over its models. */
export interface Timings {
  decodeMs: number;
  tileMs: number;
  inferenceMs: number;
  mergeMs: number;
}

export function noTimings(): Timings {
  return { decodeMs: 0, tileMs: 0, inferenceMs: 0, mergeMs: 0 };
}

/** Adds what `run` takes to one stage. */
export async function timed<T>(
  timings: Timings,
  field: keyof Timings,
  run: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  try {
    return await run();
  } finally {
    timings[field] += performance.now() - started;
  }
}
