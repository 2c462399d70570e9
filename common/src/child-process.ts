import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Subprocess } from 'bun';

export interface ChildOptions {
  /** As people read it in messages: core, edge, … */
  readonly name: string;
  readonly entry: string;
  /** Working folder: relative paths of its settings start here. */
  readonly cwd: string;
  readonly args?: readonly string[];
  /** A command that starts it in turn: `['faketime', '+1y']`. */
  readonly wrap?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where its stderr goes; unset: this process's own. */
  readonly logFile?: string;
  /** Starts it again whenever its code changes. */
  readonly watch?: boolean;
}

/** A part that runs; `ready` is the line it printed when it was. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly ready: Readonly<Record<string, unknown>>;
  /** Its code, or 128 and more where a signal ended it. */
  readonly exited: Promise<number>;
  /** Last lines of its log, where it has a file. */
  tail(): string;
  /** SIGTERM, and SIGKILL where it has not drained in time. */
  stop(): Promise<void>;
  /** SIGKILL at once, as a crash does. */
  kill(): Promise<void>;
}

const READY_MS = 120_000;
/** A part drains within 30 s by itself (common/src/lifecycle.ts). */
const STOP_MS = 35_000;
const TAIL_LINES = 15;

/**
 * Starts a part and waits for the line in which it says that it is ready. Children end with this
 * process, also when it is killed (--no-orphans), and a Ctrl-C in the terminal reaches this
 * process only (a session of their own), which stops them in order.
 * Throws with the last lines of its log if it ends before.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const log = options.logFile === undefined ? 'inherit' : openLog(options.logFile);
  const process_ = Bun.spawn(bunCommand(options), {
    cwd: options.cwd,
    env: options.env,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: log,
    detached: true,
  });
  if (typeof log === 'number') closeSync(log);
  const tail = () => (options.logFile === undefined ? '' : lastLines(options.logFile));
  const exited = process_.exited.then((code) => code ?? 128);

  const timeout = Promise.withResolvers<'timeout'>();
  const timer = setTimeout(() => timeout.resolve('timeout'), READY_MS);
  const ready = await Promise.race([readReadyLine(process_.stdout), exited, timeout.promise]);
  clearTimeout(timer);
  if (typeof ready !== 'object') {
    process_.kill('SIGKILL');
    const what = ready === 'timeout' ? `was not ready in ${READY_MS / 1000} s` : 'did not start';
    throw new Error([`${options.name} ${what}`, tail()].filter(Boolean).join(':\n'));
  }
  return {
    name: options.name,
    pid: process_.pid,
    ready,
    exited,
    tail,
    stop: () => stop(process_),
    kill: async () => {
      process_.kill('SIGKILL');
      await process_.exited;
    },
  };
}

function bunCommand(options: ChildOptions): string[] {
  const flags = ['--no-orphans', '--no-env-file'];
  if (options.watch) flags.push('--watch', '--no-clear-screen');
  const { wrap = [], entry, args = [] } = options;
  return [...wrap, process.execPath, ...flags, entry, ...args];
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'w');
}

function lastLines(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  } catch {
    return '';
  }
}

/** The first JSON line with `ready`; what comes after it is read on, so that the pipe never fills. */
async function readReadyLine(
  stdout: ReadableStream<Uint8Array>,
): Promise<Record<string, unknown> | number> {
  const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
  const drain = async () => {
    let text = '';
    let found = false;
    const decoder = new TextDecoder();
    for await (const chunk of stdout) {
      if (found) continue;
      text += decoder.decode(chunk, { stream: true });
      const line = text.split('\n').slice(0, -1).map(parseReady).find(Boolean);
      if (line) {
        found = true;
        text = '';
        resolve(line);
      }
    }
  };
  void drain();
  return await promise;
}

function parseReady(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null && 'ready' in value
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

async function stop(child: Subprocess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await child.exited;
  clearTimeout(timer);
}
