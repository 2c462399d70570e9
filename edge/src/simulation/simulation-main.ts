/**
 * Many lives of a box, each drawn from a seed (docs/faults.md):
 * `simulation-main.ts [--seeds N] [--first S] [--planted NAME] [--workers W]`, or one of them with
 * its trace: `--seed S`. The last line of stdout is the report as JSON.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isPlanted, PLANTED } from './planted.ts';
import { type Outcome, simulate } from './simulate.ts';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    first: { type: 'string', default: '1' },
    planted: { type: 'string', default: '' },
    workers: { type: 'string', default: String(availableParallelism()) },
    /** Of a worker: this seed and every so manyth after it, one line of JSON each. */
    every: { type: 'string' },
  },
});

interface Line extends Omit<Outcome, 'trace'> {}

const planted = isPlanted(flags.planted) ? flags.planted : null;
const [first, seeds, workers] = [Number(flags.first), Number(flags.seeds), Number(flags.workers)];

if (flags.planted && !planted) {
  console.error(`--planted is one of ${PLANTED.join(', ')}`);
  process.exitCode = 2;
} else if (flags.seed !== undefined) await runOne(Number(flags.seed));
else if (flags.every !== undefined) await runEvery(Number(flags.every));
else await runAll();

async function runOne(seed: number): Promise<void> {
  const outcome = await simulate(seed, { planted, traced: true });
  console.log(outcome.trace.join('\n'));
  console.log(JSON.stringify({ ...outcome, trace: undefined }));
  process.exitCode = outcome.violations.length === 0 ? 0 : 1;
}

async function runEvery(step: number): Promise<void> {
  for (let seed = first; seed < first + seeds; seed += step) {
    const { trace: _, ...line } = await simulate(seed, { planted });
    console.log(JSON.stringify(line satisfies Line));
  }
}

async function runAll(): Promise<void> {
  const started = performance.now();
  const lines = (await Promise.all(Array.from({ length: workers }, (_, at) => work(at)))).flat();
  const failed = lines.filter(({ violations }) => violations.length > 0);
  const sum = (of: 'days' | 'photos' | 'starts' | 'events' | 'givenUp' | 'regained') =>
    lines.reduce((total, line) => total + line[of], 0);
  const report = {
    seeds: lines.length,
    planted,
    seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
    simulated_days: sum('days'),
    photos: sum('photos'),
    starts: sum('starts'),
    events: sum('events'),
    given_up: sum('givenUp'),
    regained: sum('regained'),
    found: failed.length,
    failures: failed.slice(0, 20).map(({ seed, violations }) => ({ seed, violations })),
  };
  const wrong = lines.length !== seeds || (planted === null) !== (failed.length === 0);
  console.log(JSON.stringify(report));
  process.exitCode = wrong ? 1 : 0;
}

/** A process of its own: simulated boxes of one process take turns, they do not run side by side. */
async function work(at: number): Promise<Line[]> {
  const args = ['--first', String(first + at), '--seeds', String(Math.max(0, seeds - at))];
  const child = Bun.spawn(
    [
      process.execPath,
      import.meta.path,
      ...args,
      '--every',
      String(workers),
      `--planted=${flags.planted}`,
    ],
    { stdout: 'pipe', stderr: 'inherit' },
  );
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) console.error(`worker ${at} ended with ${child.exitCode}`);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}
