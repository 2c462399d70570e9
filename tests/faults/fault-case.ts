import type { RealServers } from '../system/environment.ts';

export interface CaseOptions {
  readonly seed: number;
  /** How long the fault is made again and again, where a case is measured in time. */
  readonly seconds: number;
  /** A slice: few rounds, and bounds in time that a busy machine keeps. */
  readonly quick: boolean;
}

/** What was seen, for the report. */
export type Detail = Readonly<Record<string, unknown>>;

/** One case of the acceptance matrix. */
export interface FaultCase {
  /** Its number in the matrix. */
  readonly number: number;
  readonly title: string;
  /** How long it takes at full length; where it is measured in time, what it takes if none is given. */
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
  /** Throws what went wrong, and LeftOut. */
  run(number: number, options: CaseOptions): Promise<Detail>;
  /** `failed`: logs are kept. Answers where they are. */
  close(failed: boolean): Promise<string>;
}

/** A case that runs on a system of its group's kind. */
export interface CaseOn<System> extends FaultCase {
  readonly run: (system: System, options: CaseOptions) => Promise<Detail>;
}

interface Stoppable {
  readonly folder: string;
  stop(keepLogs: boolean): Promise<void>;
}

/** Cases that share a system, which `open` starts. */
export function groupOf<System extends Stoppable>(
  name: string,
  cases: readonly CaseOn<System>[],
  open: (servers: RealServers) => Promise<System>,
): FaultGroup {
  return {
    name,
    cases,
    open: async (servers) => {
      const system = await open(servers);
      return {
        run: async (number, options) => {
          const found = cases.find((one) => one.number === number);
          if (!found) throw new Error(`there is no case ${number}`);
          return await found.run(system, options);
        },
        close: async (failed) => {
          await system.stop(failed);
          return system.folder;
        },
      };
    },
  };
}

/** This machine lacks what the case needs: it is named, and counts as neither passed nor failed. */
export class LeftOut extends Error {}

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
