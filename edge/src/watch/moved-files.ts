import { rm } from 'node:fs/promises';
import type { AcceptedRule } from '../sources.ts';
import { walk } from './walk.ts';

/** Which files that were moved aside go, as a rule without I/O. */

export interface MovedFile {
  readonly path: Buffer;
  readonly sizeBytes: number;
  /** When it was moved there, UTC milliseconds. */
  readonly movedMs: number;
}

export interface MovedRule extends AcceptedRule {
  /** What came later than that stays in any case. */
  readonly leastMs?: number;
}

/** Those kept too long, and the oldest of the others beyond the bytes that may stay. */
export function chooseMoved(
  files: readonly MovedFile[],
  { keepMs, bytesMax, leastMs = 0 }: MovedRule,
  now: number,
): MovedFile[] {
  const newestFirst = [...files].sort((a, b) => b.movedMs - a.movedMs);
  let bytes = 0;
  return newestFirst.filter(({ sizeBytes, movedMs }) => {
    bytes += sizeBytes;
    const ageMs = now - movedMs;
    return ageMs > keepMs || (bytes > bytesMax && ageMs >= leastMs);
  });
}

/** Removes what people had time to look at; answers how many files went. */
export async function sweepMoved(folder: string, rule: MovedRule, now: number): Promise<number> {
  const files: MovedFile[] = [];
  try {
    for await (const { path, stats } of walk(Buffer.from(folder))) {
      // A move changes the time of the entry, not that of the contents.
      files.push({ path, sizeBytes: stats.size, movedMs: stats.ctimeMs });
    }
  } catch {
    // Nothing was moved yet, or the share is away.
    return 0;
  }
  const chosen = chooseMoved(files, rule, now);
  for (const { path } of chosen) await rm(path, { force: true });
  return chosen.length;
}
