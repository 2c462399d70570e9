/** Programs that the runner starts: one place for how they end and what they leave behind. */
import type { Subprocess } from 'bun';

export interface CommandResult {
  readonly code: number;
  /** Both streams, in the order in which they came as far as the system keeps it. */
  readonly output: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** Runs a program to its end and keeps what it said. */
export async function runCommand(
  command: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = Bun.spawn([...command], {
    ...options,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, output: stdout + stderr };
}

/** As `runCommand`, but a code other than 0 is an error that carries the last lines. */
export async function mustRun(
  command: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, output } = await runCommand(command, options);
  if (code === 0) return output;
  const tail = output.trimEnd().split('\n').slice(-40).join('\n');
  throw new Error(`${command.slice(0, 3).join(' ')} ended with ${code}:\n${tail}`);
}

/** Sends `signal`, and SIGKILL where the process has not ended `graceMs` later. */
export async function endProcess(
  child: Subprocess,
  signal: NodeJS.Signals,
  graceMs = 5_000,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await child.exited;
  clearTimeout(timer);
}

/** Wraps a command so that it gets `signal` when this process dies, where the system can do that. */
export function boundToParent(command: readonly string[], signal: 'INT' | 'TERM'): string[] {
  const setpriv = Bun.which('setpriv');
  return setpriv === null ? [...command] : [setpriv, '--pdeathsig', signal, ...command];
}

/** Repeats `probe` until it answers true. Throws after `withinMs`, or when `child` ends before. */
export async function waitUntil(
  what: string,
  child: Subprocess,
  probe: () => Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${what} ended with ${child.exitCode ?? child.signalCode} at its start`);
    }
    if (await probe().catch(() => false)) return;
    await Bun.sleep(50);
  }
  throw new Error(`${what} was not ready within ${withinMs / 1000} s`);
}

/** Whether something accepts connections there. */
export async function accepts(port: number): Promise<boolean> {
  const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data: () => {} } });
  socket.end();
  return true;
}
