import { mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Flushes a folder's entries to the disk, so that a rename or a new name survives a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Flushes a file's bytes to the disk. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What of a disk making folders needs. */
export interface FolderDisk {
  /** Succeeds also where it stands already. */
  makeFolder(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

const realFolders: FolderDisk = { makeFolder, syncFolder };

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
}

/**
 * Creates folders whose own names survive a power cut: each parent is flushed once per process,
 * also where the folder stood already, because whoever made it may not have flushed it yet.
 */
export class DurableFolders {
  readonly #known = new Set<string>();

  constructor(
    root: string,
    private readonly disk: FolderDisk = realFolders,
  ) {
    // What lies above the root was made by whoever installed the program.
    this.#known.add(dirname(resolve(root)));
  }

  async ensure(path: string): Promise<void> {
    const folder = resolve(path);
    if (this.#known.has(folder)) return;
    const parent = dirname(folder);
    if (parent !== folder && !this.#known.has(parent)) await this.ensure(parent);
    await this.disk.makeFolder(folder);
    await this.disk.syncFolder(parent);
    this.#known.add(folder);
  }
}

/** The error number's name, e.g. `ENOSPC`, of an error thrown by the file system or a socket. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
