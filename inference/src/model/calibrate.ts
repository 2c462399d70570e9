/** What is found out about a model when it is loaded, so that it runs at the machine's full speed. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import type { ModelSpec } from './model-spec.ts';

/** How a model runs. */
export interface Setup {
  /** It takes the photo's bytes; its numbers are made in the graph. */
  readonly takesPixels: boolean;
  /** Images of a run, ascending. */
  readonly batchSizes: readonly number[];
  /** Sessions that run side by side, each with so many threads. */
  readonly sessions: number;
  readonly threads: number;
}

/** A model, or a machine, so slow that one run takes this share of the budget is not measured. */
export const RUN_SHARE_MAX = 1 / 6;
/** Less is noise, and not worth more memory or more waiting. */
const GAIN_MIN = 1.05;
const ROUNDS_MAX = 8;

/**
 * The best milliseconds of each way, run in turns until `budgetMs` have passed, at least once each:
 * a machine's speed drifts.
 */
export async function interleave(
  ways: readonly (() => Promise<unknown>)[],
  budgetMs: number,
  now: () => number = () => performance.now(),
): Promise<number[]> {
  const best = ways.map(() => Number.POSITIVE_INFINITY);
  const until = now() + budgetMs;
  for (let round = 0; round < ROUNDS_MAX && (round === 0 || now() < until); round++) {
    for (const [index, way] of ways.entries()) {
      const started = now();
      await way();
      best[index] = Math.min(best[index]!, now() - started);
    }
  }
  return best;
}

/** Of batch sizes, ascending, those at which an image takes clearly less than at the one before. */
export function batchesThatPay(sizes: readonly number[], runMs: readonly number[]): number[] {
  const paying: number[] = [];
  let before = Number.POSITIVE_INFINITY;
  for (const [index, size] of sizes.entries()) {
    const imageMs = runMs[index]! / size;
    if (paying.length > 0 && imageMs * GAIN_MIN > before) continue;
    paying.push(size);
    before = imageMs;
  }
  return paying;
}

/** Ways to share threads among sessions, the fewest sessions first: 4 → 1 × 4, 2 × 2, 4 × 1. */
export function waysToShare(threads: number): { sessions: number; threads: number }[] {
  const ways = [];
  for (let sessions = 1; sessions <= threads; sessions *= 2) {
    ways.push({ sessions, threads: Math.floor(threads / sessions) });
  }
  return ways;
}

/** Whether so many images a millisecond are worth another setup than the one before. */
export function isClearlyFaster(rate: number, before: number): boolean {
  return rate > before * GAIN_MIN;
}

export interface CalibrationOptions {
  /** Time for one model, about; 0: none. */
  readonly budgetMs: number;
  /** Whether nothing else runs here: measuring would take its time, and be wrong. */
  readonly quiet?: () => boolean;
  /** Where results are kept for the next start of this machine; unset: nowhere. */
  readonly folder?: string;
}

/** What was found before, by model, threads, processor and runtime. */
export class Calibration {
  readonly #known = new Map<string, Setup>();

  constructor(private readonly options: CalibrationOptions) {}

  /** One model after the other: they would measure each other. */
  #turn: Promise<unknown> = Promise.resolve();

  get budgetMs(): number {
    return this.options.quiet?.() === false ? 0 : this.options.budgetMs;
  }

  inTurn<T>(measure: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(measure);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  find(spec: Pick<ModelSpec, 'digest'>, threads: number): Setup | undefined {
    const key = keyOf(spec, threads);
    const known = this.#known.get(key);
    const { folder } = this.options;
    if (known || folder === undefined || this.options.budgetMs === 0) return known;
    try {
      return JSON.parse(readFileSync(join(folder, `${key}.json`), 'utf8')) as Setup;
    } catch {
      return undefined;
    }
  }

  keep(spec: Pick<ModelSpec, 'digest'>, threads: number, setup: Setup): void {
    const key = keyOf(spec, threads);
    this.#known.set(key, setup);
    const { folder } = this.options;
    if (folder === undefined) return;
    try {
      mkdirSync(folder, { recursive: true });
      const path = join(folder, `${key}.json`);
      // Aside and renamed: another server may be reading.
      writeFileSync(`${path}.${process.pid}`, JSON.stringify(setup));
      renameSync(`${path}.${process.pid}`, path);
    } catch {
      // A folder that cannot be written costs the next start some seconds.
    }
  }
}

function keyOf({ digest }: Pick<ModelSpec, 'digest'>, threads: number): string {
  const runtime = packageJson.dependencies['onnxruntime-node'];
  const facts = [digest.toString('hex'), threads, runtime, cpus()[0]?.model, cpus().length];
  return `calibration-${new Bun.CryptoHasher('sha256').update(facts.join('\n')).digest('hex').slice(0, 32)}`;
}
