import { dirname, join } from 'node:path';
import type { Disk, DiskFile } from '../buffer/disk.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';

/**
 * A disk that tells what was written from what is durable. A power cut takes, of each file, what
 * was not flushed, or a part of it; and of each folder, any subset of the names that have changed
 * since it was flushed. A flush that fails drops what it should have flushed, as Linux does: the
 * next one succeeds and means nothing.
 */

interface File {
  bytes: Buffer;
  /** Null: never flushed. */
  durable: Buffer | null;
  /** The kernel has dropped what it could not write. */
  dropped: boolean;
}

class Folder {
  readonly names = new Map<string, Entry>();
  readonly durable = new Map<string, Entry>();
  /** Names that have changed since the last flush. */
  readonly changed = new Set<string>();

  set(name: string, entry: Entry | undefined): void {
    if (entry) this.names.set(name, entry);
    else this.names.delete(name);
    this.changed.add(name);
  }

  flush(): void {
    for (const name of this.changed) copy(name, this.names, this.durable);
    this.changed.clear();
  }
}

type Entry = File | Folder;

function copy(name: string, from: Map<string, Entry>, to: Map<string, Entry>): void {
  const entry = from.get(name);
  if (entry) to.set(name, entry);
  else to.delete(name);
}

/** Bytes of a disk that is never the narrow place. */
const ROOMY_BYTES = 64 * 1024 * 1024;

export interface DiskFaults {
  /** Nothing more can be written. */
  full: boolean;
  /** So many of the next flushes fail. */
  failingFlushes: number;
}

/** What a planted fault may leave out. Answers false: say it was done, and do nothing. */
export interface DiskHonesty {
  sync(bytes: Uint8Array): boolean;
  syncFolder(path: string): boolean;
}

/** What the platter holds: it outlives processes and power cuts. */
export class Platter {
  readonly faults: DiskFaults = { full: false, failingFlushes: 0 };
  readonly #root = new Folder();

  constructor(
    private readonly random: Random,
    private readonly honesty: DiskHonesty,
    private readonly onRemove: (path: string) => void,
  ) {}

  /** What a start after a power cut finds. */
  cutPower(): void {
    this.#settle(this.#root);
  }

  #settle(folder: Folder): void {
    for (const name of [...folder.changed].sort()) {
      if (this.random.chance(0.5)) copy(name, folder.durable, folder.names);
    }
    folder.flush();
    for (const entry of folder.names.values()) {
      if (entry instanceof Folder) this.#settle(entry);
      else this.#settleFile(entry);
    }
  }

  #settleFile(file: File): void {
    if (file.durable !== file.bytes) {
      const kept = this.random.pick(['all', 'none', 'part', 'zeros'] as const);
      const { length } = file.bytes;
      if (kept === 'none') file.bytes = file.durable ?? Buffer.alloc(0);
      if (kept === 'part') file.bytes = file.bytes.subarray(0, this.random.integer(0, length));
      if (kept === 'zeros') file.bytes = Buffer.alloc(length);
      file.durable = file.bytes;
    }
    file.dropped = false;
  }

  /** Flips a bit of a file; answers false where it has none. */
  rot(path: string): boolean {
    const file = this.file(path);
    if (!file || file.bytes.length === 0) return false;
    const bytes = Buffer.from(file.bytes);
    const at = this.random.integer(0, bytes.length - 1);
    bytes[at] = (bytes[at] as number) ^ (1 << this.random.integer(0, 7));
    if (file.durable === file.bytes) file.durable = bytes;
    file.bytes = bytes;
    return true;
  }

  file(path: string): File | undefined {
    const entry = this.#folderOf(path)?.names.get(nameOf(path));
    return entry instanceof Folder ? undefined : entry;
  }

  paths(folder: string): string[] {
    const found = this.#folder(folder);
    return [...(found?.names ?? [])].flatMap(([name, entry]) => {
      const path = join(folder, name);
      return entry instanceof Folder ? this.paths(path) : [path];
    });
  }

  create(path: string): File {
    if (this.faults.full) throw failure('ENOSPC');
    const folder = this.#require(dirname(path));
    if (folder.names.has(nameOf(path))) throw failure('EEXIST');
    const file: File = { bytes: Buffer.alloc(0), durable: null, dropped: false };
    folder.set(nameOf(path), file);
    return file;
  }

  write(file: File, bytes: Uint8Array): void {
    if (this.faults.full) throw failure('ENOSPC');
    file.bytes = Buffer.concat([file.bytes, bytes]);
  }

  sync(file: File): void {
    if (this.faults.failingFlushes > 0) {
      this.faults.failingFlushes--;
      file.dropped = true;
      throw failure('EIO');
    }
    if (!file.dropped && this.honesty.sync(file.bytes)) file.durable = file.bytes;
  }

  syncFolder(path: string): void {
    const folder = this.#require(path);
    if (this.honesty.syncFolder(path)) folder.flush();
  }

  rename(from: string, to: string): void {
    const source = this.#require(dirname(from));
    const entry = source.names.get(nameOf(from));
    if (!entry) throw failure('ENOENT');
    this.#require(dirname(to)).set(nameOf(to), entry);
    source.set(nameOf(from), undefined);
  }

  remove(path: string): void {
    const folder = this.#folderOf(path);
    if (!folder?.names.has(nameOf(path))) return;
    this.onRemove(path);
    folder.set(nameOf(path), undefined);
  }

  makeFolder(path: string): void {
    if (path === '/' || this.#folder(path)) return;
    this.makeFolder(dirname(path));
    if (this.faults.full) throw failure('ENOSPC');
    this.#require(dirname(path)).set(nameOf(path), new Folder());
  }

  list(path: string): string[] {
    return [...this.#require(path).names.keys()];
  }

  require(path: string): File {
    const file = this.file(path);
    if (!file) throw failure('ENOENT');
    return file;
  }

  #folder(path: string): Folder | undefined {
    let folder: Entry | undefined = this.#root;
    for (const name of path.split('/').filter(Boolean)) {
      folder = folder instanceof Folder ? folder.names.get(name) : undefined;
    }
    return folder instanceof Folder ? folder : undefined;
  }

  #folderOf(path: string): Folder | undefined {
    return this.#folder(dirname(path));
  }

  #require(path: string): Folder {
    const folder = this.#folder(path);
    if (!folder) throw failure('ENOENT');
    return folder;
  }
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Of an accepted photo's bytes. */
export const spoolPath = (sha256: string) => `/edge/spool/${sha256.slice(0, 2)}/${sha256}`;

const DISK_MS = 8;

/** The platter as one life of the process sees it. */
export function diskOf(platter: Platter, life: Life): Disk {
  const operation = <T>(name: string, act: () => T) => life.operation(name, DISK_MS, act);
  const fileOf = (file: File): DiskFile & { readonly file: File } => ({
    file,
    stat: () => operation('stat', () => ({ size: file.bytes.length })),
    read: (buffer, offset, length, position) =>
      operation('read', () => ({
        bytesRead: file.bytes.copy(buffer, offset, position, position + length),
      })),
    write: (bytes, offset) =>
      operation('write', () => {
        platter.write(file, bytes.subarray(offset));
        return { bytesWritten: bytes.length - offset };
      }),
    writeFile: (text) => operation('write', () => platter.write(file, Buffer.from(text))),
    sync: () => operation('sync', () => platter.sync(file)),
    close: () => operation('close', () => {}),
  });
  return {
    create: (path) => operation('create', () => fileOf(platter.create(path))),
    sync: (file) => file.sync(),
    rename: (from, to) => operation('rename', () => platter.rename(from, to)),
    remove: (path) => operation('remove', () => platter.remove(path)),
    makeFolder: (path) => operation('make-folder', () => platter.makeFolder(path)),
    syncFolder: (path) => operation('sync-folder', () => platter.syncFolder(path)),
    list: (path) => operation('list', () => platter.list(path)),
    sizeOf: (path) => operation('size', () => platter.require(path).bytes.length),
    // The platter keeps no times. 0 is none to whoever makes ids of it, and stands for the real now.
    modifiedAt: () => operation('modified', () => 1),
    free: () => operation('free', () => (platter.faults.full ? 0 : ROOMY_BYTES)),
    read: async function* (path) {
      yield await operation('read', () => platter.require(path).bytes);
    },
  };
}
