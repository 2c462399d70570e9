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
  /** A file's bytes from its beginning, so many at once at most; by default few enough to hash. */
  read(path: string, chunkBytes?: number): AsyncIterable<Uint8Array>;
  /** Names in a folder, in no order. */
  list(path: string): Promise<string[]>;
  sizeOf(path: string): Promise<number>;
  /** When a file's bytes were last written, by the wall clock: UTC milliseconds. */
  modifiedAt(path: string): Promise<number>;
  /** Bytes that an unprivileged process may still write below `path`. */
  free(path: string): Promise<number>;
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);
/** Of the process, and of the system. */
const NO_DESCRIPTORS = new Set(['EMFILE', 'ENFILE']);
const FAILED = new Set(['EIO', 'EROFS', 'ESTALE', 'ENXIO', 'SQLITE_CORRUPT', 'SQLITE_NOTADB']);

/**
 * A full disk is STORAGE_FULL, a failing one STORAGE_FAILED, no descriptor left for a file is
 * TOO_MANY_OPEN_FILES; anything else stays as it is.
 */
export function toDiskError(error: unknown): unknown {
  const code = errnoOf(error);
  if (code === undefined) return error;
  if (FULL.has(code)) {
    return new AppError('STORAGE_FULL', 'The disk of the edge is full.', { cause: error });
  }
  if (NO_DESCRIPTORS.has(code)) {
    return new AppError('TOO_MANY_OPEN_FILES', 'The edge may open no more files now.', {
      retryAfterSeconds: 5,
      cause: error,
    });
  }
  if (FAILED.has(code) || code.startsWith('SQLITE_IOERR')) {
    return new AppError('STORAGE_FAILED', `The disk of the edge failed (${code}).`, {
      cause: error,
    });
  }
  return error;
}

/** Throws STORAGE_FULL, and what writing throws. */
export async function writeAll(handle: DiskFile, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, written);
    if (bytesWritten === 0) throw new AppError('STORAGE_FULL', 'The disk takes no more bytes.');
    written += bytesWritten;
  }
}

/** Of a file that is gone, or whose sectors are, or what the file system knew of it. */
const UNREADABLE = new Set(['ENOENT', 'EIO', 'EUCLEAN', 'EBADMSG']);

/** The disk has damaged this one file or folder, as far as one can tell. */
export function isUnreadable(error: unknown): boolean {
  return UNREADABLE.has(errnoOf(error) ?? '');
}

/** What the system has none left of: room or inodes, or descriptors. A quota is not that. */
export type Shortage = 'no_room' | 'no_descriptors';

export function shortageOf(error: unknown): Shortage | null {
  if (!(error instanceof AppError) || errnoOf(error.cause) === undefined) return null;
  if (error.code === 'STORAGE_FULL') return 'no_room';
  return error.code === 'TOO_MANY_OPEN_FILES' ? 'no_descriptors' : null;
}

export function isDiskFailure(error: unknown): boolean {
  return error instanceof AppError && error.code === 'STORAGE_FAILED';
}
