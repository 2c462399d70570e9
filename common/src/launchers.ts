import { readFileSync } from 'node:fs';

/** A process between the person who typed the command and us: `npx`, `bun run`, `sh -c`. */
interface Launcher {
  readonly pid: number;
  /** Clock ticks since boot: a number that is used again is another process. */
  readonly startedAt: string;
}

const LAUNCHER = /(^|[\s/])(np[mx](-cli\.js)?\s|bun(\.exe)?\s+(\S+\s+)*run\s|(ba|da|z)?sh\s+-c\s)/;
const LOOK_MS = 500;

/**
 * Calls `gone` once when a program that launched this one has ended. `npx` passes no signal on: who
 * stops it would leave us running for ever. Without /proc (not Linux) only our parent is watched.
 */
export function watchLaunchers(gone: () => void): { stop(): void } {
  const parent = process.ppid;
  const launchers = findLaunchers();
  const timer = setInterval(() => {
    const ended = launchers.some(({ pid, startedAt }) => readStat(pid)?.startedAt !== startedAt);
    const orphaned = launchers.length === 0 && parent !== 1 && process.ppid !== parent;
    if (!ended && !orphaned) return;
    clearInterval(timer);
    gone();
  }, LOOK_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function findLaunchers(): Launcher[] {
  const launchers: Launcher[] = [];
  for (let pid = process.ppid; pid > 1; ) {
    const stat = readStat(pid);
    if (!stat || !LAUNCHER.test(`${readCommand(pid)} `)) break;
    launchers.push({ pid, startedAt: stat.startedAt });
    pid = stat.parent;
  }
  return launchers;
}

function readStat(pid: number): { parent: number; startedAt: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may itself hold blanks and brackets.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A zombie waits for somebody to ask for its code; it has ended.
    if (fields[0] === 'Z') return undefined;
    return { parent: Number(fields[1]), startedAt: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function readCommand(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}
