import type { RealServers } from '../system/environment.ts';

export interface CaseOptions {
  readonly seed: number;
  /** How long the fault is made again and again. */
  readonly seconds: number;
}

/** What was seen, for the report. */
export type Detail = Readonly<Record<string, unknown>>;

/** One case of the acceptance matrix. */
export interface FaultCase {
  /** Its number in the matrix. */
  readonly number: number;
  readonly title: string;
  /** `seconds` where none are given. */
  readonly seconds: number;
}

/** Cases that are run on one system. */
export interface FaultGroup {
  readonly name: string;
  readonly cases: readonly FaultCase[];
  /** Starts what the cases need. */
  open(servers: RealServers): Promise<FaultBench>;
}

export interface FaultBench {
  /** Throws what went wrong. */
  run(number: number, options: CaseOptions): Promise<Detail>;
  /** `failed`: logs are kept. Answers where they are. */
  close(failed: boolean): Promise<string>;
}

/** Throws where what must hold does not. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** Mulberry32: numbers in [0, 1) that a seed repeats. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
