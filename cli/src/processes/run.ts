import { ROOT } from '../paths.ts';

export interface RunOptions {
  readonly entry: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Shows nothing of what it says. */
  readonly quiet?: boolean;
  /** Its answer counts whatever its code: it tells of what is wrong. */
  readonly anyCode?: boolean;
}

/** Runs a part's admin entry for a person: its output is ours. Answers its code. */
export async function runPart(options: RunOptions): Promise<number> {
  const child = Bun.spawn(command(options), {
    cwd: ROOT,
    env: options.env,
    stdio: options.quiet ? ['ignore', 'ignore', 'ignore'] : ['inherit', 'inherit', 'inherit'],
  });
  return (await child.exited) ?? 1;
}

/** Runs it for this program, and reads the JSON on its stdout. Throws with what it said. */
export async function askPart(options: RunOptions): Promise<unknown> {
  const child = Bun.spawn(command(options), {
    cwd: ROOT,
    env: options.env,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0 && !(options.anyCode && stdout.trim() !== '')) {
    const said = stderr.trimEnd().split('\n').slice(-15).join('\n');
    throw new Error(`${options.args.join(' ')} ended with ${code}:\n${said}`);
  }
  return JSON.parse(stdout);
}

function command(options: RunOptions): string[] {
  return [process.execPath, '--no-orphans', '--no-env-file', options.entry, ...options.args];
}
