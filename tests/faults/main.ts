/**
 * `bun run faults --list | GROUP [--case N] [--seed S] [--seconds T] | soak [--minutes M]` and
 * `--json` (docs/faults.md).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { watchLaunchers } from '@demeter/common/launchers';
import { startServers, type TestServers } from '../run/servers/start.ts';
import { type RealServers, realServers } from '../system/environment.ts';
import type { FaultBench, FaultGroup } from './fault-case.ts';
import { inference } from './inference/group.ts';
import { soak } from './soak.ts';

const GROUPS: readonly FaultGroup[] = [inference];
const USAGE = `usage: bun run faults --list
       bun run faults ${GROUPS.map((group) => group.name).join('|')} [--case N] [--seed S] [--seconds T]
       bun run faults soak [--minutes M]
       --json: the report as one line of JSON at the end`;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    case: { type: 'string' },
    seed: { type: 'string' },
    seconds: { type: 'string' },
    minutes: { type: 'string', default: '30' },
  },
});

interface CaseReport {
  readonly case: number;
  readonly passed: boolean;
  readonly seed: number;
  readonly seconds: number;
  readonly detail: unknown;
}

watchLaunchers(() => process.kill(process.pid, 'SIGTERM'));
const group = GROUPS.find(({ name }) => name === positionals[0]);
if (flags.list) list();
else if (positionals[0] === 'soak') await withServers(runSoak);
else if (group) await withServers((servers) => runCases(group, servers));
else {
  console.error(USAGE);
  process.exitCode = 2;
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
  console.log(flags.json ? JSON.stringify({ groups }) : lines.join('\n'));
}

async function runCases({ cases, open }: FaultGroup, servers: RealServers): Promise<void> {
  const wanted = cases.filter(({ number }) => !flags.case || Number(flags.case) === number);
  if (wanted.length === 0) throw new Error(`there is no case ${flags.case}\n${USAGE}`);
  const seed = Number(flags.seed ?? Math.floor(Math.random() * 1_000_000));
  const reports: CaseReport[] = [];
  let bench: FaultBench | undefined;
  for (const { number, title, seconds: usual } of wanted) {
    const seconds = Number(flags.seconds ?? usual);
    console.error(`case ${number}: ${title}; seed ${seed}, ${seconds} s …`);
    const started = performance.now();
    let passed = true;
    let detail: unknown;
    try {
      bench ??= await open(servers);
      detail = await bench.run(number, { seed, seconds });
    } catch (error) {
      passed = false;
      detail = { error: String(error), cause: error instanceof Error && String(error.cause ?? '') };
      // What the fault has left behind is not the next case's business.
      const folder = await bench?.close(true);
      bench = undefined;
      if (folder) console.error(`logs in ${folder}`);
    }
    const took = Number(((performance.now() - started) / 1000).toFixed(1));
    reports.push({ case: number, passed, seed, seconds: took, detail });
    console.error(`  ${passed ? 'passed' : 'FAILED'}: ${JSON.stringify(detail)}`);
  }
  await bench?.close(false);
  if (flags.json) console.log(JSON.stringify({ cases: reports }));
  process.exitCode = reports.every((report) => report.passed) ? 0 : 1;
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
