/** `bun run test [unit|integration|system] [part of a path …]` (docs/testing.md). */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { watchLaunchers } from '@demeter/common/launchers';
import { SETTINGS } from '@demeter/common/settings';
import { inTurn } from './in-turn.ts';
import type { Counts } from './junit.ts';
import { runSuite } from './run-suite.ts';
import { startServers, type TestServers } from './servers/start.ts';
import { findSuites, KINDS, type Kind, type Suite } from './suites.ts';
import { type LeftOut, report } from './summary.ts';

/** Suites wait for processes and disks half of their time: two keep two cores busy. */
const SUITES_AT_ONCE = 2;

const root = resolve(import.meta.dir, '../..');
const args = process.argv.slice(2).filter((arg) => arg !== '--');
const named = KINDS.filter((kind) => args.includes(kind));
const kinds: readonly Kind[] = named.length > 0 ? named : KINDS;
const filters = args.filter((arg) => !KINDS.includes(arg as Kind));

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interrupted.abort(signal));
}
watchLaunchers(() => interrupted.abort('the end of whoever started this'));

const folder = mkdtempSync(join(tmpdir(), 'demeter-test-'));
let servers: TestServers | undefined;
try {
  const suites = await findSuites(root, kinds, filters);
  if (suites.some((suite) => suite.kind !== 'unit')) servers = await startServers(folder);
  const data = testData();
  const env = environment(servers?.variables ?? {}, data);
  const total: Counts = { passed: 0, failed: [], skipped: [] };
  const run = async (suite: Suite) => {
    if (interrupted.signal.aborted) return;
    const started = performance.now();
    const counts = await runSuite(suite, { root, folder, env, signal: interrupted.signal });
    total.passed += counts.passed;
    total.failed.push(...counts.failed);
    total.skipped.push(...counts.skipped);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.error(
      `${suite.name}: ${counts.passed} passed, ${counts.failed.length} failed, ${seconds} s`,
    );
  };
  const isSystem = ({ kind }: Suite) => kind === 'system';
  const others = suites.filter((suite) => !isSystem(suite));
  await inTurn(others, SUITES_AT_ONCE, run);
  // A system test is several busy processes already.
  await inTurn(suites.filter(isSystem), 1, run);
  if (interrupted.signal.aborted) total.failed.push(`interrupted by ${interrupted.signal.reason}`);
  const leftOut: LeftOut = {
    servers: servers?.missing ?? [],
    data: data === undefined,
    tests: total.skipped,
  };
  process.exitCode = report(total, leftOut, Boolean(process.env.CI)) ? 0 : 1;
} finally {
  await servers?.stop();
  rmSync(folder, { recursive: true, force: true });
}

function testData(): string | undefined {
  const path = resolve(root, process.env.DEMETER_TEST_DATA || '../shared/data');
  return existsSync(path) ? path : undefined;
}

/** Without the settings of a Demeter that this machine may run: tests say themselves what they set. */
function environment(
  variables: Readonly<Record<string, string>>,
  data: string | undefined,
): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { ...process.env };
  for (const name of Object.keys(SETTINGS)) delete env[name];
  return { ...env, ...variables, DEMETER_TEST_DATA: data };
}
