import { lstat, rename, rm } from 'node:fs/promises';
import type { Seen } from './settling.ts';

/** Servers for files hang up a pause much shorter than this. */
const WATCHED_MS = 600_000;
/** Those refused last: an operator who drops a thousand broken files is not waiting for one. */
const FILES_MAX = 1_000;

interface Refused {
  readonly from: Buffer;
  readonly seen: Seen;
  /** Monotonic milliseconds. */
  readonly at: number;
}

/**
 * Refused files of the last minutes. A slow upload may pause for longer than a file takes to
 * settle; its writer then goes on in the file that was moved away. Such a file goes back to where
 * it stood, and is looked at as any other.
 */
export class RefusedFiles {
  readonly #files = new Map<string, Refused>();

  note(target: string, refused: Refused): void {
    this.#files.set(target, refused);
    const [oldest] = this.#files.keys();
    if (this.#files.size > FILES_MAX && oldest !== undefined) this.#files.delete(oldest);
  }

  /** Answers which were put back; one whose name is taken by now stays. */
  async putBack(now: number): Promise<string[]> {
    const back: string[] = [];
    for (const [target, { from, seen, at }] of this.#files) {
      if (now - at > WATCHED_MS) this.#files.delete(target);
      else if (!(await isAsSeen(target, seen))) {
        this.#files.delete(target);
        if (await move(target, from)) back.push(target);
      }
    }
    return back;
  }
}

/** A reason stands beside each refused file. */
export function reasonOf(target: string): string {
  return `${target}.reason.json`;
}

/** Whether a file still looks so: it is there, and nobody has written on. */
export async function isAsSeen(path: string | Buffer, seen: Seen): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  return stats?.size === seen.sizeBytes && stats.mtimeMs === seen.modifiedMs;
}

async function move(target: string, from: Buffer): Promise<boolean> {
  const taken = await lstat(from).catch(() => null);
  if (taken !== null) return false;
  try {
    await rename(target, from);
    await rm(reasonOf(target), { force: true });
    return true;
  } catch {
    // Somebody has taken it away: it is theirs now.
    return false;
  }
}
