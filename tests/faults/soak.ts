import { readFileSync } from 'node:fs';
import type { RealServers } from '../system/environment.ts';
import { Load } from './load.ts';
import { MeshSystem } from './mesh-system.ts';
import { leastSquares } from './slope.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
}

const SAMPLE_MS = 1_000;
/** Caches, arenas and the compiler settle in this share of the time. */
const WARM_UP = 0.25;
/** Samples are means of so many seconds: garbage collection makes single ones jump together. */
const WINDOW_S = 5;

interface Sample {
  readonly atMs: number;
  readonly residentBytes: number;
}

/** Streams photos for a while and says how the memory of core and inference server moves. */
export async function soak(servers: RealServers, { minutes, seed }: SoakOptions) {
  const system = new MeshSystem(servers);
  let failed = true;
  try {
    await system.open();
    // Never recycled: what is looked for is what recycling would hide.
    const settings = {
      DEMETER_INFERENCE_RECYCLE_PHOTOS: '0',
      DEMETER_INFERENCE_RECYCLE_BYTES: '0',
    };
    await system.deploy({ count: 1, settings });
    await using load = await Load.start(system, seed);
    const pids = { core: system.pid('core')!, inference: [...system.pids().values()][0]! };
    const samples: Record<keyof typeof pids, Sample[]> = { core: [], inference: [] };
    const started = performance.now();
    while (performance.now() - started < minutes * 60_000) {
      for (const name of ['core', 'inference'] as const) {
        const atMs = performance.now() - started;
        samples[name].push({ atMs, residentBytes: residentBytes(pids[name]) });
      }
      await Bun.sleep(SAMPLE_MS);
    }
    const { photos } = await load.close();
    failed = false;
    const memory = { core: describe(samples.core), inference: describe(samples.inference) };
    return { minutes, seed, photos, warm_up_share: WARM_UP, window_s: WINDOW_S, memory };
  } finally {
    await system.stop(failed);
    if (failed) console.error(`logs in ${system.folder}`);
  }
}

function describe(samples: readonly Sample[]) {
  const end = samples.at(-1)!.atMs;
  const steady = samples.filter((sample) => sample.atMs >= end * WARM_UP);
  const windows = Map.groupBy(steady, ({ atMs }) => Math.floor(atMs / (WINDOW_S * 1000)));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const points = [...windows.values()].map((window): [number, number] => [
    mean(window.map(({ atMs }) => atMs / 60_000)),
    mean(window.map((sample) => sample.residentBytes / 1e6)),
  ]);
  const { slope, plusMinus } = leastSquares(points);
  const round = (value: number) => Number(value.toFixed(2));
  return {
    mb_per_minute: round(slope),
    plus_minus_95: round(plusMinus),
    first_mb: round(points[0]![1]),
    last_mb: round(points.at(-1)![1]),
    windows: points.length,
  };
}

/** Throws where the process is gone. */
function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}
