/** What is found out about a model when it is loaded, so that it runs at the machine's full speed. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import type { ModelSpec } from './model-spec.ts';

const count = z.number().int().positive();
const setupSchema = z.object({
  /** It takes the photo's bytes; its numbers are made in the graph. */
  takesPixels: z.boolean(),
  /** Images of a run, ascending. */
  batchSizes: z.array(count).min(1).readonly(),
  /** Sessions that run side by side, each with so many threads. */
  sessions: count,
  threads: count,
});

/** How a model runs. */
export type Setup = Readonly<z.infer<typeof setupSchema>>;

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

/** What decides how a model runs best. */
type Calibrated = Pick<ModelSpec, 'digest' | 'input'>;

/** What was found before on the CPU, by model, input, threads, processor and runtime. */
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

  find(spec: Calibrated, threads: number): Setup | undefined {
    const key = keyOf(spec, threads);
    const known = this.#known.get(key);
    const { folder } = this.options;
    if (known || folder === undefined || this.options.budgetMs === 0) return known;
    try {
      const text = readFileSync(join(folder, `${key}.json`), 'utf8');
      const setup = setupSchema.parse(JSON.parse(text));
      return setup.sessions * setup.threads <= threads ? setup : undefined;
    } catch {
      // Not there, or not ours: it is measured again.
      return undefined;
    }
  }

  keep(spec: Calibrated, threads: number, setup: Setup): void {
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

function keyOf({ digest, input }: Calibrated, threads: number): string {
  const runtime = packageJson.dependencies['onnxruntime-node'];
  const model = [digest.toString('hex'), JSON.stringify(input)];
  const facts = [...model, threads, runtime, cpus()[0]?.model, cpus().length];
  return `calibration-${new Bun.CryptoHasher('sha256').update(facts.join('\n')).digest('hex').slice(0, 32)}`;
}
