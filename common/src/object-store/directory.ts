import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, link, open, readdir, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DurableFolders, errnoOf, syncFolder } from '../durable-files.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import { MEDIA_TYPES, SNIFF_BYTES, sniffFormat } from '../photo-format.ts';
import type {
  ObjectBody,
  ObjectHead,
  ObjectStore,
  PutOptions,
  PutResult,
  StoredEntry,
  StoredObject,
} from './object-store.ts';

const TEMPORARY = '.tmp';
/** A temporary file this old belongs to a writer that is gone (a put takes seconds). */
const TEMPORARY_AGE_MS = 3_600_000;
const CHUNK_BYTES = 256 * 1024;

/**
 * A folder as object store: one plain file per key, nothing beside it, so that any tool can copy
 * it. A put is temporary file → hash checked while writing → fsync → link under its name (which
 * never overwrites) → fsync of the folder and of every parent it made.
 * The media type is read from the file's first bytes.
 */
export class DirectoryObjectStore implements ObjectStore {
  readonly kind = 'directory';
  readonly parts = null;
  readonly #folders: DurableFolders;

  constructor(private readonly root: string) {
    this.#folders = new DurableFolders(root);
  }

  async put(key: string, body: ObjectBody, options: PutOptions): Promise<PutResult> {
    const target = this.#path(key);
    const temporary = join(this.root, TEMPORARY, newId());
    try {
      if (await this.#holds(target, key, options)) {
        // Whoever linked it may have ended before its name was on the disk.
        await syncFolder(dirname(target));
        return { created: false };
      }
      await this.#folders.ensure(join(this.root, TEMPORARY));
      await write(temporary, body, options);
      return await this.#publish(temporary, target, key, options);
    } catch (error) {
      throw toStoreError(error);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async copy(from: string, to: string, options: PutOptions): Promise<PutResult> {
    const source = this.#path(from);
    if ((await this.head(from)) === null) throw missing(from);
    return await this.put(to, { path: source }, options);
  }

  async get(key: string, signal?: AbortSignal): Promise<StoredObject> {
    let handle: FileHandle;
    try {
      handle = await open(this.#path(key), 'r');
    } catch (error) {
      throw errnoOf(error) === 'ENOENT' ? missing(key) : toStoreError(error);
    }
    return { ...(await readHead(handle)), stream: toStream(handle, signal) };
  }

  async head(key: string): Promise<ObjectHead | null> {
    const path = this.#path(key);
    try {
      const handle = await open(path, 'r');
      try {
        return await readHead(handle);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null;
      throw toStoreError(error);
    }
  }

  async remove(key: string): Promise<void> {
    try {
      await unlink(this.#path(key));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw toStoreError(error);
    }
  }

  list(prefix: string): AsyncIterable<string> {
    return walk(this.root, '', prefix);
  }

  async *entries(prefix: string): AsyncGenerator<StoredEntry> {
    for await (const key of this.list(prefix)) {
      // It may have been removed meanwhile.
      const found = await stat(this.#path(key)).catch(() => null);
      if (found) yield { key, storedAt: found.mtime };
    }
  }

  async presignGet(): Promise<null> {
    return null;
  }

  async grantPut(): Promise<null> {
    return null;
  }

  async init(): Promise<void> {
    const folder = join(this.root, TEMPORARY);
    try {
      await this.#folders.ensure(folder);
      for (const name of await readdir(folder)) {
        const path = join(folder, name);
        // Another writer may have finished it meanwhile.
        const { mtimeMs } = (await stat(path).catch(() => null)) ?? { mtimeMs: Date.now() };
        if (Date.now() - mtimeMs > TEMPORARY_AGE_MS) await rm(path, { force: true });
      }
    } catch (error) {
      throw toStoreError(error);
    }
  }

  async check(): Promise<void> {
    try {
      await readdir(join(this.root, TEMPORARY));
    } catch (error) {
      throw toStoreError(error);
    }
  }

  /** Gives the finished file its name; a concurrent writer of the same bytes counts as there. */
  async #publish(temporary: string, target: string, key: string, options: PutOptions) {
    const folder = dirname(target);
    await this.#folders.ensure(folder);
    let created = true;
    try {
      await link(temporary, target);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      await this.#holds(target, key, options);
      created = false;
    }
    await syncFolder(folder);
    return { created };
  }

  /** True: the same bytes are there. False: nothing is. Throws CONFLICT for other bytes. */
  async #holds(target: string, key: string, options: PutOptions): Promise<boolean> {
    const size = await sizeOf(target);
    if (size === null) return false;
    if (size === options.sizeBytes && (await hashOf(target)) === options.sha256) return true;
    throw new AppError('CONFLICT', 'The store holds other bytes under this key.', { field: key });
  }

  #path(key: string): string {
    const segments = key.split('/');
    if (!segments.every((segment) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(segment))) {
      throw new AppError('INVALID_INPUT', 'This is no key of an object.', { field: key });
    }
    return join(this.root, ...segments);
  }
}

async function write(path: string, body: ObjectBody, options: PutOptions): Promise<void> {
  const handle = await open(path, 'wx', 0o640);
  try {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const chunk of chunksOf(body)) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      await handle.writeFile(chunk);
    }
    if (sizeBytes !== options.sizeBytes || hash.digest('hex') !== options.sha256) {
      throw new AppError('CHECKSUM_MISMATCH', 'The bytes are not those announced.');
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function* chunksOf(body: ObjectBody): AsyncGenerator<Uint8Array> {
  if ('bytes' in body) yield body.bytes;
  else yield* createReadStream(body.path, { highWaterMark: CHUNK_BYTES });
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw toStoreError(error);
  }
}

function toStream(handle: FileHandle, signal?: AbortSignal): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        signal?.throwIfAborted();
        const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
        position += bytesRead;
        if (bytesRead > 0) return controller.enqueue(chunk.subarray(0, bytesRead));
        await handle.close();
        controller.close();
      } catch (error) {
        await handle.close().catch(() => {});
        controller.error(error);
      }
    },
    cancel: () => handle.close(),
  });
}

/** Keys below `folder` in the order of S3, which sorts whole keys: a folder counts as `name/`. */
async function* walk(root: string, folder: string, prefix: string): AsyncGenerator<string> {
  let entries: string[];
  try {
    const found = await readdir(join(root, folder), { withFileTypes: true });
    entries = found
      .filter((entry) => !entry.name.startsWith('.'))
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw toStoreError(error);
  }
  entries.sort((a, b) => (a < b ? -1 : 1));
  for (const entry of entries) {
    if (entry.endsWith('/')) {
      if (entry.startsWith(prefix) || prefix.startsWith(entry)) yield* walk(root, entry, prefix);
    } else if (entry.startsWith(prefix)) yield entry;
  }
}

async function readHead(handle: FileHandle): Promise<ObjectHead> {
  const { size } = await handle.stat();
  const head = Buffer.alloc(Math.min(SNIFF_BYTES, size));
  await handle.read(head, 0, head.length, 0);
  const format = sniffFormat(head);
  return { sizeBytes: size, mediaType: format && MEDIA_TYPES[format] };
}

function missing(key: string): AppError {
  return new AppError('NOT_FOUND', 'The store holds no such object.', { field: key });
}

function toStoreError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const errno = errnoOf(error);
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new AppError('STORAGE_FULL', 'The disk of the object store is full.', { cause: error });
  }
  return new AppError(
    'OBJECT_STORE_UNAVAILABLE',
    `The folder of the object store failed${errno ? ` (${errno})` : ''}.`,
    { cause: error, retryAfterSeconds: 5 },
  );
}
