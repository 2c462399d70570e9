import {
  closeSync,
  fstatSync,
  fsync,
  open,
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
 * The box's own disk. What waits for the device (flushes) goes to the thread pool; what the system
 * answers from memory (names, sizes, bytes that it is to write later) is done at once, because a
 * trip through the pool costs an accept more than the work itself, and flushes keep the pool.
 */

/** Read at once: to hash it keeps nobody waiting. */
const CHUNK_BYTES = 256 * 1024;

const flush = promisify(fsync);
const openAt = promisify(open);
const readAt = promisify(read);
const writeFrom = promisify(write);

/** Far longer than the system takes to copy a chunk into memory: the device is waited for. */
const WRITE_MS_MAX = 20;
/** For so long the pool writes after that. */
const POOL_MS = 10_000;

/** Writing where nothing else waits, as long as the system takes bytes without the device. */
class Writer {
  #poolUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly now: () => number) {}

  async write(fd: number, bytes: Uint8Array, offset: number) {
    const began = this.now();
    // It holds more for a slow device than it likes to, and has whoever writes wait for it.
    if (began < this.#poolUntil) return await writeFrom(fd, bytes, offset);
    const bytesWritten = writeSync(fd, bytes, offset);
    const ended = this.now();
    if (ended - began > WRITE_MS_MAX) this.#poolUntil = ended + POOL_MS;
    return { bytesWritten };
  }
}

class RealFile implements DiskFile {
  #open = true;

  constructor(
    private readonly fd: number,
    private readonly writer: Writer,
  ) {}

  async stat() {
    return { size: fstatSync(this.fd).size };
  }

  async read(buffer: Buffer, offset: number, length: number, position: number) {
    return await readAt(this.fd, buffer, offset, length, position);
  }

  async write(bytes: Uint8Array, offset: number) {
    return await this.writer.write(this.fd, bytes, offset);
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

/** Opened by the first read: what nobody reads in the end would stay open. */
async function* chunksOf(path: string, chunkBytes = CHUNK_BYTES): AsyncGenerator<Uint8Array> {
  const fd = await openAt(path, 'r');
  try {
    const { size } = fstatSync(fd);
    for (let at = 0; at < size; ) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, size - at));
      const { bytesRead } = await readAt(fd, buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    closeSync(fd);
  }
}

/** `now`: monotonic milliseconds. */
export function createRealDisk(now: () => number = () => performance.now()): Disk {
  const writer = new Writer(now);
  return {
    create: async (path) => new RealFile(openSync(path, 'wx+', 0o640), writer),
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
    read: chunksOf,
    list: (path) => readdir(path),
    sizeOf: async (path) => statSync(path).size,
    modifiedAt: async (path) => Math.floor(statSync(path).mtimeMs),
    free: async (path) => {
      const { bavail, bsize } = statfsSync(path);
      return bavail * bsize;
    },
  };
}

export const realDisk: Disk = createRealDisk();
