import { type FileHandle, open, rename, rm, statfs } from 'node:fs/promises';
import { errnoOf, syncFolder } from '@demeter/common/durable-files';
import { AppError } from '@demeter/common/errors';

/** The disk as a seam: tests make it full or failing at a named step. */
export interface Disk {
  create(path: string): Promise<FileHandle>;
  sync(handle: FileHandle): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Bytes that an unprivileged process may still write below `path`. */
  free(path: string): Promise<number>;
}

export const realDisk: Disk = {
  create: (path) => open(path, 'wx+', 0o640),
  sync: (handle) => handle.sync(),
  rename,
  syncFolder,
  remove: (path) => rm(path, { force: true }),
  free: async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};

const FULL = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'EMFILE', 'ENFILE']);
const FAILED = new Set(['EIO', 'EROFS', 'ESTALE', 'ENXIO', 'SQLITE_CORRUPT', 'SQLITE_NOTADB']);

/** A full disk is STORAGE_FULL, a failing one STORAGE_FAILED; anything else stays as it is. */
export function toDiskError(error: unknown): unknown {
  const code = errnoOf(error);
  if (code === undefined) return error;
  if (FULL.has(code)) {
    return new AppError('STORAGE_FULL', 'The disk of the edge is full.', { cause: error });
  }
  if (FAILED.has(code) || code.startsWith('SQLITE_IOERR')) {
    return new AppError('STORAGE_FAILED', `The disk of the edge failed (${code}).`, {
      cause: error,
    });
  }
  return error;
}

export function isDiskFailure(error: unknown): boolean {
  return error instanceof AppError && error.code === 'STORAGE_FAILED';
}
