/**
 * `bun run faults --list | GROUP [--case N] [--seed S] [--seconds T] [--quick] | soak [--minutes M] |
 * edge-day [--photos N] | simulation [--seeds N] [--seed S] [--planted MISTAKE]` and `--json` (docs/faults.md).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { watchLaunchers } from '@demeter/common/launchers';
import { startServers, type TestServers } from '../run/servers/start.ts';
import { type RealServers, realServers } from '../system/environment.ts';
import { edge } from './edge/group.ts';
import { DAY_PHOTOS, edgeDay } from './edge-day.ts';
import { type CaseOptions, type FaultBench, type FaultGroup, LeftOut } from './fault-case.ts';
import { inference } from './inference/group.ts';
import { link } from './link/group.ts';
import { simulation } from './simulation.ts';
import { soak } from './soak.ts';

const GROUPS: readonly FaultGroup[] = [edge, link, inference];
const USAGE = `usage: bun run faults --list
       bun run faults ${GROUPS.map((group) => group.name).join('|')} [--case N] [--seed S] [--seconds T] [--quick]
       bun run faults soak [--minutes M]
       bun run faults edge-day [--photos N]
       bun run faults simulation [--seeds N] [--seed S] [--planted MISTAKE]
       --quick: a slice of each case, a minute at most
       --json: the report as one line of JSON at the end`;

/** Those that are no groups of cases. */
const OTHERS = [
  { name: 'simulation', title: 'seeded weeks of a box in one process' },
  { name: 'edge-day', title: 'a day of the edge, compressed' },
  { name: 'soak', title: 'memory under a stream of photos' },
];

const OPTIONS = {
  list: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  case: { type: 'string' },
  seed: { type: 'string' },
  seconds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  minutes: { type: 'string', default: '30' },
  photos: { type: 'string', default: String(DAY_PHOTOS) },
  seeds: { type: 'string', default: '1000' },
  planted: { type: 'string', default: '' },
} as const;

interface CaseReport {
  readonly case: number;
  readonly passed: boolean;
  readonly seed: number;
  readonly seconds: number;
  /** What this machine lacks; such a case has not passed, and is no failure of ours. */
  readonly left_out?: string;
  readonly detail: unknown;
}

const { flags, positionals } = readArguments();
const [name] = positionals;
const group = GROUPS.find((one) => one.name === name);
const mistake = mistakeOf();
if (mistake !== null) refuse(mistake);
watchLaunchers(() => process.kill(process.pid, 'SIGTERM'));
if (flags.list) list();
else if (name === 'soak') await withServers(runSoak);
else if (name === 'edge-day') await withServers(runEdgeDay);
else if (name === 'simulation') await runSimulation();
else if (group) await withServers((servers) => runCases(group, servers));

function readArguments() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
    return { flags: values, positionals };
  } catch (error) {
    return refuse((error as Error).message.split('. ')[0] ?? '');
  }
}

/** What is wrong with the words, before anything is started. */
function mistakeOf(): string | null {
  if (flags.list) return null;
  if (name === undefined) return 'Name a group of cases, or another of these';
  if (!group && !OTHERS.some((one) => one.name === name)) return `There is no group ${name}`;
  if (positionals.length > 1) return `${positionals[1]} is one word too many`;
  for (const option of ['seed', 'seconds', 'minutes', 'photos', 'seeds'] as const) {
    const given = flags[option];
    if (given !== undefined && !(Number(given) >= 0)) return `--${option} is a number`;
  }
  if (flags.case === undefined) return null;
  const numbers = group?.cases.map(({ number }) => number) ?? [];
  if (numbers.includes(Number(flags.case))) return null;
  return `There is no case ${flags.case} in ${name}${numbers.length > 0 ? `: it has ${numbers.join(', ')}` : ''}`;
}

function refuse(sentence: string): never {
  console.error(`${sentence}.\n${USAGE}`);
  process.exit(2);
}

function list(): void {
  const groups = GROUPS.map(({ name, cases }) => ({
    name,
    cases: cases.map(({ number, title, seconds }) => ({ case: number, title, seconds })),
  }));
  const lines = groups.flatMap(({ name, cases }) => [
    name,
    ...cases.map((one) => `  ${String(one.case).padStart(2)}  ${one.title} (${one.seconds} s)`),
  ]);
  const others = OTHERS.map(({ name, title }) => `${name}: ${title}`);
  console.log(
    flags.json ? JSON.stringify({ groups, others: OTHERS }) : [...lines, ...others].join('\n'),
  );
}

async function runCases({ cases, open }: FaultGroup, servers: RealServers): Promise<void> {
  const wanted = cases.filter(({ number }) => !flags.case || Number(flags.case) === number);
  const seed = Number(flags.seed ?? Math.floor(Math.random() * 1_000_000));
  const reports: CaseReport[] = [];
  let bench: FaultBench | undefined;
  for (const { number, title, seconds: usual } of wanted) {
    const quick = flags.quick;
    const options = { seed, seconds: Number(flags.seconds ?? (quick ? 0 : usual)), quick };
    console.error(`case ${number}: ${title}; seed ${seed} …`);
    try {
      bench ??= await open(servers);
    } catch (error) {
      throw new Error('the system that the cases run on did not start', { cause: error });
    }
    const report = await runCase(bench, number, options);
    reports.push(report);
    console.error(`  ${outcomeOf(report)}, ${report.seconds} s: ${JSON.stringify(report.detail)}`);
    if (report.passed || report.left_out !== undefined) continue;
    // What the fault has left behind is not the next case's business.
    console.error(`  logs in ${await bench.close(true)}`);
    bench = undefined;
  }
  await bench?.close(false);
  if (flags.json) console.log(JSON.stringify({ cases: reports }));
  const failed = reports.some(({ passed, left_out }) => !passed && left_out === undefined);
  process.exitCode = failed || !reports.some(({ passed }) => passed) ? 1 : 0;
}

async function runCase(
  bench: FaultBench,
  number: number,
  options: CaseOptions,
): Promise<CaseReport> {
  const started = performance.now();
  const report = (passed: boolean, detail: unknown) => {
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    return { case: number, passed, seed: options.seed, seconds, detail };
  };
  try {
    return report(true, await bench.run(number, options));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof LeftOut) return { ...report(false, null), left_out: reason };
    const cause = error instanceof Error && error.cause ? { cause: String(error.cause) } : {};
    return report(false, { error: reason, ...cause });
  }
}

function outcomeOf({ passed, left_out }: CaseReport): string {
  if (left_out !== undefined) return `left out, ${left_out}`;
  return passed ? 'passed' : 'FAILED';
}

async function runEdgeDay(servers: RealServers): Promise<void> {
  const report = await edgeDay(servers, { photos: Number(flags.photos) });
  process.exitCode = report.passed ? 0 : 1;
  console.log(flags.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
}

async function runSimulation(): Promise<void> {
  const { seed, seeds, planted } = flags;
  process.exitCode = await simulation({ seeds, planted, ...(seed ? { seed } : {}) });
}

async function runSoak(servers: RealServers): Promise<void> {
  const report = await soak(servers, {
    minutes: Number(flags.minutes),
    seed: Number(flags.seed ?? 1),
  });
  console.log(flags.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
}

/** Gives it the servers that the environment names, or starts them. */
async function withServers(run: (servers: RealServers) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'demeter-faults-'));
  let started: TestServers | undefined;
  try {
    if (!realServers()) {
      started = await startServers(folder);
      Object.assign(process.env, started.variables);
    }
    const servers = realServers();
    if (!servers) throw new Error(`servers could not be had: ${started?.missing.join(' ')}`);
    await run(servers);
  } finally {
    await started?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
