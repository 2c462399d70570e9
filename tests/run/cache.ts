import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where what takes minutes to build is kept: once per machine, so that a fresh clone does not
 * build it again; in the project's `.cache/` where the home folder cannot be written.
 */
function cacheFolder(): string {
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

/** The folder `name` of the cache, if it was built. */
export function findCached(name: string): string | undefined {
  const folder = join(cacheFolder(), name);
  return existsSync(folder) ? folder : undefined;
}

/**
 * The folder `name` of the cache, made by `build` where it is not there. Built aside and renamed,
 * so that a broken build leaves nothing; a failed one is tried once more, for the network's sake.
 */
export async function buildCached(
  name: string,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheFolder(), name);
  const aside = `${folder}.${process.pid}`;
  for (let attempt = 1; !existsSync(folder); attempt++) {
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside, { recursive: true });
    try {
      await build(aside);
      if (!existsSync(folder)) renameSync(aside, folder);
    } catch (error) {
      if (attempt === 2) throw error;
      console.error(`${name}: ${error instanceof Error ? error.message : error}; once more …`);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  }
  return folder;
}
