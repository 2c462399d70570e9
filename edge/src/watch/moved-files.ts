import { rm } from 'node:fs/promises';
import { walk } from './walk.ts';

/** Which files that were moved aside go, as a rule without I/O. */

export interface MovedFile {
  readonly path: Buffer;
  readonly sizeBytes: number;
  /** When it was moved there, UTC milliseconds. */
  readonly movedMs: number;
}

export interface MovedRule {
  /** What is older goes in any case. */
  readonly keepMs: number;
  /** Beyond so many bytes the oldest go, but for those that came within `leastMs`. */
  readonly bounds: readonly { readonly bytesMax: number; readonly leastMs: number }[];
}

/** Those kept too long, and the oldest of the others beyond the bytes that may stay. */
export function chooseMoved(
  files: readonly MovedFile[],
  { keepMs, bounds }: MovedRule,
  now: number,
): MovedFile[] {
  const newestFirst = [...files].sort((a, b) => b.movedMs - a.movedMs);
  let bytes = 0;
  return newestFirst.filter(({ sizeBytes, movedMs }) => {
    bytes += sizeBytes;
    const ageMs = now - movedMs;
    const isBeyond = bounds.some(({ bytesMax, leastMs }) => bytes > bytesMax && ageMs >= leastMs);
    return ageMs > keepMs || isBeyond;
  });
}

/** What a sweep found. */
export interface Swept {
  readonly removed: readonly MovedFile[];
  readonly left: readonly MovedFile[];
}

/** Removes what people had time to look at, as far as it can be removed. */
export async function sweepMoved(folder: string, rule: MovedRule, now: number): Promise<Swept> {
  const files: MovedFile[] = [];
  try {
    for await (const { path, stats } of walk(Buffer.from(folder))) {
      // A move changes the time of the entry, not that of the contents.
      files.push({ path, sizeBytes: stats.size, movedMs: stats.ctimeMs });
    }
  } catch {
    // Nothing was moved yet, or the share is away.
    return { removed: [], left: [] };
  }
  const removed = new Set<MovedFile>();
  for (const file of chooseMoved(files, rule, now)) {
    const isGone = await rm(file.path, { force: true }).then(
      () => true,
      () => false,
    );
    if (isGone) removed.add(file);
  }
  return { removed: [...removed], left: files.filter((file) => !removed.has(file)) };
}
