import {
  closeSync,
  createReadStream,
  fstatSync,
  fsync,
  openSync,
  read,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  write,
  writeSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { makeFolder } from '@demeter/common/durable-files';
import type { Disk, DiskFile } from './disk.ts';

/**
 * The box's own disk. What waits for the device (flushes, photos' bytes) goes to the thread pool;
 * what the system answers from memory (names, sizes) is done at once, because a trip through the
 * pool costs an accept more than the work itself.
 */

/** Read at once. */
const CHUNK_BYTES = 256 * 1024;

const flush = promisify(fsync);
const readAt = promisify(read);
const writeFrom = promisify(write);

class RealFile implements DiskFile {
  #open = true;

  constructor(private readonly fd: number) {}

  async stat() {
    return { size: fstatSync(this.fd).size };
  }

  async read(buffer: Buffer, offset: number, length: number, position: number) {
    return await readAt(this.fd, buffer, offset, length, position);
  }

  async write(bytes: Uint8Array, offset: number) {
    return await writeFrom(this.fd, bytes, offset);
  }

  async writeFile(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at);
  }

  async sync(): Promise<void> {
    await flush(this.fd);
  }

  async close(): Promise<void> {
    // Its number may be another file's already.
    if (this.#open) closeSync(this.fd);
    this.#open = false;
  }
}

export const realDisk: Disk = {
  create: async (path) => new RealFile(openSync(path, 'wx+', 0o640)),
  sync: (file) => file.sync(),
  rename: async (from, to) => renameSync(from, to),
  makeFolder,
  syncFolder: async (path) => {
    const fd = openSync(path, 'r');
    try {
      await flush(fd);
    } finally {
      closeSync(fd);
    }
  },
  remove: async (path) => rmSync(path, { force: true }),
  // Opened by the first read: a stream that nobody reads in the end would stay open.
  read: async function* (path) {
    yield* createReadStream(path, { highWaterMark: CHUNK_BYTES });
  },
  list: (path) => readdir(path),
  sizeOf: async (path) => statSync(path).size,
  modifiedAt: async (path) => Math.floor(statSync(path).mtimeMs),
  free: async (path) => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  },
};
