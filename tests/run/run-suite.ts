import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess } from './commands.ts';
import { type Counts, readJunit } from './junit.ts';
import type { Kind, Suite } from './suites.ts';

/** For one test that states no time of its own: servers and processes start slowly on a busy machine. */
const TEST_MS = 240_000;
/** A suite that hangs is ended, so that the rest still runs. */
const SUITE_MS: Record<Kind, number> = {
  unit: 12 * 60_000,
  integration: 15 * 60_000,
  system: 25 * 60_000,
};

export interface SuiteOptions {
  readonly root: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Runs one suite. What ends without a report counts as one failure. */
export async function runSuite(suite: Suite, options: SuiteOptions): Promise<Counts> {
  const report = join(options.folder, `${suite.name.replaceAll(/[^\w.-]+/g, '-')}.xml`);
  const outputFile = `${report}.txt`;
  const output = openSync(outputFile, 'w');
  const child = Bun.spawn(
    [
      ...[process.execPath, '--no-orphans', '--no-env-file', 'test', '--only-failures'],
      `--timeout=${TEST_MS}`,
      ...['--reporter=junit', `--reporter-outfile=${report}`],
      ...suite.files.map((path) => `./${path}`),
    ],
    {
      cwd: options.root,
      env: options.env,
      stdin: 'ignore',
      // Suites run side by side: what each has to say is shown as a whole.
      stdout: output,
      stderr: output,
    },
  );
  closeSync(output);
  const stop = () => void endProcess(child, 'SIGTERM');
  options.signal.addEventListener('abort', stop);
  const timer = setTimeout(stop, SUITE_MS[suite.kind]);
  const code = await child.exited;
  clearTimeout(timer);
  options.signal.removeEventListener('abort', stop);

  // stdout carries only this runner's own closing lines.
  process.stderr.write(readFileSync(outputFile));
  const counts: Counts = existsSync(report)
    ? readJunit(readFileSync(report, 'utf8'))
    : { passed: 0, failed: [], skipped: [] };
  // A file that does not load, or an error between tests, fails the process but no test.
  if (code !== 0 && counts.failed.length === 0) {
    counts.failed.push(`${suite.name}: ended with ${child.signalCode ?? code}`);
  }
  return counts;
}
