import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where what takes minutes to build is kept: once per machine, so that a fresh clone does not
 * build it again; in the project's `.cache/` where the home folder cannot be written.
 */
export function cacheFolder(): string {
  const shared = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'demeter');
  try {
    mkdirSync(shared, { recursive: true });
    accessSync(shared, constants.W_OK);
    return shared;
  } catch {
    const own = join(import.meta.dir, '../../.cache');
    mkdirSync(own, { recursive: true });
    return own;
  }
}
