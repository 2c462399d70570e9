import { rm } from 'node:fs/promises';
import type { AcceptedRule } from '../sources.ts';
import { walk } from './walk.ts';

/** Which accepted files go, as a rule without I/O. */

export interface AcceptedFile {
  readonly path: Buffer;
  readonly sizeBytes: number;
  /** When it was moved there, UTC milliseconds. */
  readonly movedMs: number;
}

/** Those kept too long, and the oldest of the others beyond the bytes that may stay. */
export function chooseAccepted(
  files: readonly AcceptedFile[],
  { keepMs, bytesMax }: AcceptedRule,
  now: number,
): AcceptedFile[] {
  const newestFirst = [...files].sort((a, b) => b.movedMs - a.movedMs);
  let bytes = 0;
  return newestFirst.filter(({ sizeBytes, movedMs }) => {
    bytes += sizeBytes;
    return now - movedMs > keepMs || bytes > bytesMax;
  });
}

/**
 * Removes copies that people had time to look at: the photos themselves are safe in the spool, or
 * at the centre. Answers how many went.
 */
export async function sweepAccepted(
  folder: string,
  rule: AcceptedRule,
  now: number,
): Promise<number> {
  const files: AcceptedFile[] = [];
  try {
    for await (const { path, stats } of walk(Buffer.from(folder))) {
      // A move changes the time of the entry, not that of the contents.
      files.push({ path, sizeBytes: stats.size, movedMs: stats.ctimeMs });
    }
  } catch {
    // Nothing was accepted yet, or the share is away.
    return 0;
  }
  const chosen = chooseAccepted(files, rule, now);
  for (const { path } of chosen) await rm(path, { force: true });
  return chosen.length;
}
