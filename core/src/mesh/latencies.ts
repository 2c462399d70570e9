/** Answers of one pipeline that are remembered. */
const KEPT = 500;
const PIPELINES_MAX = 32;
/** Below so many answers nobody knows what late is. */
const SAMPLES_MIN = 30;
/** A photo is late at so many times the 99th percentile, and never before LATE_MIN_MS. */
const LATE_FACTOR = 3;
const LATE_MIN_MS = 1_000;

/** How long photos of each pipeline take from sending to their answer, over the last ones. */
export class Latencies {
  readonly #byPipeline = new Map<string, number[]>();

  /** `pipeline`: its digest. */
  add(pipeline: string, ms: number): void {
    const known = this.#byPipeline.get(pipeline) ?? [];
    known.push(ms);
    if (known.length > KEPT) known.shift();
    // Written last, so that the pipeline unused for longest is the first to go.
    this.#byPipeline.delete(pipeline);
    this.#byPipeline.set(pipeline, known);
    const [oldest] = this.#byPipeline.keys();
    if (this.#byPipeline.size > PIPELINES_MAX) this.#byPipeline.delete(oldest!);
  }

  /** Milliseconds after which a photo is late; undefined while too little was seen. */
  lateAfterMs(pipeline: string): number | undefined {
    const known = this.#byPipeline.get(pipeline);
    if (known === undefined || known.length < SAMPLES_MIN) return undefined;
    const sorted = known.toSorted((a, b) => a - b);
    const p99 = sorted[Math.ceil(0.99 * sorted.length) - 1]!;
    return Math.max(LATE_MIN_MS, LATE_FACTOR * p99);
  }
}
