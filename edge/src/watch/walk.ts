import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { errnoOf } from '@demeter/common/durable-files';
import type { Seen } from './settling.ts';

export interface Found {
  /** Names need not be text: a path is bytes. */
  readonly path: Buffer;
  /** Unique in this folder. */
  readonly key: string;
  /** Path of its folder below the watched one, '' for that itself; what is no text is replaced. */
  readonly folder: string;
  readonly name: Buffer;
  readonly seen: Seen;
  readonly stats: Stats;
}

/** Cameras file by day and hour; a deeper tree is none of theirs. */
const DEPTH_MAX = 8;
const SLASH = Buffer.from('/');
const DOT = 0x2e;

/**
 * Regular files of a folder and those below it, folder by folder, in the order of their names.
 * Symbolic links are not followed, so that nothing outside is read; what begins with a dot is left
 * out. Throws if the folder itself cannot be read; of others only what can be read is found.
 */
export async function* walk(root: Buffer, below = '', depth = 0): AsyncGenerator<Found> {
  const names = await readdir(root, { encoding: 'buffer' });
  names.sort(Buffer.compare);
  const folders: Buffer[] = [];
  for (const name of names) {
    if (name[0] === DOT) continue;
    const path = Buffer.concat([root, SLASH, name]);
    const stats = await lstat(path).catch(() => null);
    if (stats?.isDirectory()) folders.push(name);
    if (!stats?.isFile()) continue;
    const seen = { sizeBytes: stats.size, modifiedMs: stats.mtimeMs };
    yield { path, key: path.toString('latin1'), folder: below, name, seen, stats };
  }
  if (depth === DEPTH_MAX) return;
  for (const name of folders) {
    const text = name.toString('utf8');
    const inside = below === '' ? text : `${below}/${text}`;
    try {
      yield* walk(Buffer.concat([root, SLASH, name]), inside, depth + 1);
    } catch (error) {
      // Removed meanwhile, or not ours to read: the others are not held up.
      if (errnoOf(error) === undefined) throw error;
    }
  }
}
