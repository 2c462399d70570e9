import { lstat, rename, rm, writeFile } from 'node:fs/promises';
import { freeName } from './free-name.ts';
import { type MovedFile, type MovedRule, sweepMoved } from './moved-files.ts';
import type { Seen } from './settling.ts';
import type { Found } from './walk.ts';

/** Servers for files hang up a pause much shorter than this. */
const WATCHED_MS = 600_000;
/** Those refused last: an operator who drops a thousand broken files is not waiting for one. */
const FILES_MAX = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/**
 * They are nowhere else: whoever looks once a day sees each. Only a camera that drops broken files
 * without end, which may fill no disk, gets less.
 */
const RULE: MovedRule = {
  keepMs: 30 * DAY_MS,
  bounds: [
    { bytesMax: 2e9, leastMs: DAY_MS },
    { bytesMax: 5e9, leastMs: HOUR_MS },
  ],
};
const REASON = '.reason.json';

interface Refused {
  readonly from: Buffer;
  readonly seen: Seen;
  /** Monotonic milliseconds. */
  readonly at: number;
}

/** How many refused files there are, without their reasons. */
export interface RefusedReport {
  /** That wait for somebody to look at them. */
  readonly here: number;
  /** That were removed since the start, because nobody took them away. */
  readonly removed: number;
}

/**
 * The folder of refused files, each with its reason beside it. A slow upload may pause for longer
 * than a file takes to settle; its writer then goes on in the file that was moved away. Such a file
 * goes back to where it stood, and is looked at as any other.
 */
export class RefusedFiles {
  /** Of the last minutes. */
  readonly #files = new Map<string, Refused>();
  #report: RefusedReport = { here: 0, removed: 0 };

  constructor(private readonly folder: string) {}

  get report(): RefusedReport {
    return this.#report;
  }

  /** Moves a file here. `now`: monotonic milliseconds. Throws what the disk throws. */
  async take(found: Found, reason: object, now: number): Promise<void> {
    const target = await freeName(this.folder, found);
    // The reason first: whoever sees the file gone finds it.
    await writeFile(reasonOf(target), `${JSON.stringify(reason, null, 2)}\n`);
    await rename(found.path, target);
    this.#count(1, 0);
    this.#files.set(target, { from: found.path, seen: found.seen, at: now });
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
    this.#count(-back.length, 0);
    return back;
  }

  /**
   * Removes what nobody has taken away; answers how many files. By age only where it is known what
   * time it is: a clock that jumps ahead removes none.
   */
  async sweep(keptNow: number | null, now: number): Promise<number> {
    const rule = keptNow === null ? { ...RULE, keepMs: Number.POSITIVE_INFINITY } : RULE;
    const { removed, left } = await sweepMoved(this.folder, rule, keptNow ?? now);
    const gone = removed.filter(isNoReason).length;
    this.#report = { ...this.#report, here: left.filter(isNoReason).length };
    this.#count(0, gone);
    return gone;
  }

  #count(here: number, removed: number): void {
    const before = this.#report;
    this.#report = { here: before.here + here, removed: before.removed + removed };
  }
}

function reasonOf(target: string): string {
  return `${target}${REASON}`;
}

function isNoReason({ path }: MovedFile): boolean {
  return !path.subarray(-REASON.length).equals(Buffer.from(REASON));
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
