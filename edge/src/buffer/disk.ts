import { errnoOf, type FolderDisk } from '@demeter/common/durable-files';
import { AppError } from '@demeter/common/errors';
import type { ReadableFile } from '@demeter/common/photo-format/source';

/** An open file. */
export interface DiskFile extends ReadableFile {
  write(bytes: Uint8Array, offset: number): Promise<{ readonly bytesWritten: number }>;
  writeFile(text: string): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The disk as a seam: tests make it full or failing at a named step, the simulation gives one that
 * forgets what was not flushed. Paths are absolute.
 */
export interface Disk extends FolderDisk {
  /** A new file for reading and writing. */
  create(path: string): Promise<DiskFile>;
  sync(file: DiskFile): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Succeeds also where there is nothing. */
  remove(path: string): Promise<void>;
  /** A file's bytes from its beginning. */
  read(path: string): AsyncIterable<Uint8Array>;
  /** Names in a folder, in no order. */
  list(path: string): Promise<string[]>;
  sizeOf(path: string): Promise<number>;
  /** Bytes that an unprivileged process may still write below `path`. */
  free(path: string): Promise<number>;
}

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

/** The system has no room, inode or file descriptor left; a quota that is reached is not that. */
export function isExhausted(error: unknown): boolean {
  return (
    error instanceof AppError && error.code === 'STORAGE_FULL' && errnoOf(error.cause) !== undefined
  );
}

export function isDiskFailure(error: unknown): boolean {
  return error instanceof AppError && error.code === 'STORAGE_FAILED';
}
