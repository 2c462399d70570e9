import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DurableFolders, errnoOf } from '@demeter/common/durable-files';
import {
  checkPhoto,
  notAnImage,
  type PhotoHeader,
  type PhotoLimits,
  SNIFF_BYTES,
  sniffFormat,
  tooLarge,
} from '@demeter/common/photo-format';
import { type Chunks, giveBack } from './chunks.ts';
import { type Disk, type DiskFile, isUnreadable, toDiskError, writeAll } from './disk.ts';
import { Ends } from './ends.ts';
import { type Ids, realIds } from './ids.ts';
import { parseSidecar, parseSpoolName, type Sidecar, sidecarName } from './sidecar.ts';
import { type Claim, type TemporaryFile, TemporaryFiles } from './temporary-files.ts';

/**
 * The spool: the truth about accepted photos until the centre's receipt is in the journal.
 *
 *   tmp/<uuid>                          being received; removed at start
 *   spool/<aa>/<sha256>                 a photo, complete and flushed
 *   spool/<aa>/<sha256>.<ulid>.json     one sidecar a sighting
 *
 * Nothing gets its name before its bytes are flushed, and a photo gets its name after its first
 * sidecar: what stands in the spool can always be journalled again.
 */

/** Bytes that arrived and passed the checks, still without a name. */
export interface Received {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly header: PhotoHeader;
  readonly path: string;
  readonly handle: DiskFile;
  /** The flush of all of them, where their number was known before; null: it has not begun. */
  readonly flushing: Promise<void> | null;
  /** On a file for its sidecar. */
  readonly claim: Claim;
}

/** Where flushed bytes are, and the failure of a flush before. */
interface Flushed {
  readonly path: string;
  readonly failure: unknown;
}

/** Called after each step of an accept; tests end the process there. */
export type OnStep = (step: string) => void;

export interface SpoolOptions {
  /** Data folder of the edge. */
  readonly folder: string;
  readonly limits: PhotoLimits;
  readonly disk: Disk;
  readonly ids?: Ids;
  readonly onStep: OnStep;
}

/** The first two digits of every hash: a folder each. */
export const PREFIXES = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'));

export class Spool {
  readonly #folders: DurableFolders;
  readonly #tmp: string;
  readonly #temporary: TemporaryFiles;
  readonly #spool: string;
  readonly #ids: Ids;
  /** Those whose temporary name has become their own. */
  readonly #named = new WeakSet<Received>();

  constructor(private readonly options: SpoolOptions) {
    this.#folders = new DurableFolders(options.folder, options.disk);
    this.#ids = options.ids ?? realIds();
    this.#tmp = join(options.folder, 'tmp');
    this.#temporary = new TemporaryFiles(options.disk, this.#tmp, this.#ids);
    this.#spool = join(options.folder, 'spool');
  }

  async init(): Promise<void> {
    await this.#folders.ensure(this.#tmp);
    await this.#folders.ensure(this.#spool);
    const { disk } = this.options;
    const there = new Set(await disk.list(this.#spool));
    for (const name of PREFIXES) {
      if (!there.has(name)) await disk.makeFolder(join(this.#spool, name));
    }
    await disk.syncFolder(this.#spool);
  }

  pathOf(sha256: string): string {
    return join(this.#spool, sha256.slice(0, 2), sha256);
  }

  /**
   * Streams bytes to a temporary file, hashing on the way; the first bytes decide whether the rest
   * is read at all. Throws EMPTY_PHOTO, NOT_AN_IMAGE, PHOTO_TOO_LARGE, TOO_MANY_PIXELS,
   * TRUNCATED_PHOTO, STORAGE_FULL, STORAGE_FAILED; nothing stays behind then. Once as many are there
   * as were announced, their flush begins beside what is left of hash and checks.
   */
  async receive(chunks: Chunks, announcedBytes = 0): Promise<Received> {
    const { disk, limits, onStep } = this.options;
    const claim = this.#temporary.claim(2);
    let taken: TemporaryFile | null = null;
    let writing = Promise.resolve();
    let flushing: Promise<void> | null = null;
    try {
      taken = await claim.take();
      const { path, file } = taken;
      let written: Uint8Array | null = null;
      const hash = createHash('sha256');
      const ends = new Ends();
      let sniffed = false;
      for await (const chunk of chunks) {
        ends.add(chunk);
        if (ends.sizeBytes > limits.bytesMax) throw tooLarge(limits.bytesMax);
        if (!sniffed && ends.sizeBytes >= SNIFF_BYTES) {
          requireImage(ends.head);
          sniffed = true;
        }
        // The disk takes one chunk while the next is awaited and hashed; never more than two wait.
        const before: Promise<void> = flushing ?? writing;
        writing = before.then(() => writeAll(file, chunk));
        const isWhole = ends.sizeBytes === announcedBytes;
        flushing = isWhole ? writing.then(() => disk.sync(file)) : null;
        // It may fail while a slow camera is awaited; the next turn hears of it.
        (flushing ?? writing).catch(() => {});
        hash.update(chunk);
        await before;
        if (chunks.owned && written) giveBack(written);
        written = chunk;
        onStep('receiving');
      }
      await writing;
      if (chunks.owned && written) giveBack(written);
      if (ends.sizeBytes > 0 && !sniffed) requireImage(ends.head);
      const header = await checkPhoto(ends.source(file), limits);
      onStep('received');
      const sha256 = hash.digest('hex');
      return { sha256, sizeBytes: ends.sizeBytes, header, path, handle: file, flushing, claim };
    } catch (error) {
      await (flushing ?? writing).catch(() => {});
      await taken?.file.close().catch(() => {});
      if (taken) await disk.remove(taken.path).catch(() => {});
      await claim.end();
      throw toDiskError(error);
    }
  }

  /**
   * Gives a received photo its name, its sidecar first, both after their bytes are flushed. Answers
   * the failure of a flush after which the bytes were written elsewhere, or null. `replaces`: those
   * of an acknowledged photo, which the disk has spoilt. Throws STORAGE_FULL, STORAGE_FAILED.
   */
  async store(received: Received, sidecar: Sidecar, replaces = false): Promise<unknown> {
    const { disk, onStep } = this.options;
    const target = this.pathOf(received.sha256);
    const photo = this.#flushPhoto(received);
    const notes = this.#flushSidecar(sidecar, received.claim);
    let named = false;
    try {
      // Side by side: a file system with a journal flushes both at once.
      const [written, { path, failure }] = await Promise.all([notes, photo]);
      onStep('photo-synced');
      await disk.rename(written, this.#sidecarPath(sidecar));
      onStep('sidecar-named');
      await disk.rename(path, target);
      named = true;
      if (path === received.path) this.#named.add(received);
      onStep('photo-named');
      await disk.syncFolder(join(target, '..'));
      onStep('folder-synced');
      return failure;
    } catch (error) {
      const left = [await notes.catch(() => null), (await photo.catch(() => null))?.path ?? null];
      for (const path of left) if (path !== null) await disk.remove(path).catch(() => {});
      // Bytes of an acknowledged photo are not this call's to remove, be they old or new.
      if (named && !replaces) await disk.remove(target).catch(() => {});
      await disk.remove(this.#sidecarPath(sidecar)).catch(() => {});
      throw toDiskError(error);
    }
  }

  /** Adds a sighting of a photo that is here already. Throws STORAGE_FULL, STORAGE_FAILED. */
  async addSighting(sidecar: Sidecar, claim = this.#temporary.claim(1)): Promise<void> {
    const { disk, onStep } = this.options;
    try {
      await disk.rename(await this.#flushSidecar(sidecar, claim), this.#sidecarPath(sidecar));
      onStep('sidecar-named');
      await disk.syncFolder(join(this.#sidecarPath(sidecar), '..'));
      onStep('folder-synced');
    } catch (error) {
      await disk.remove(this.#sidecarPath(sidecar)).catch(() => {});
      throw toDiskError(error);
    } finally {
      await claim.end();
    }
  }

  /** Lets go of a received photo, and of its bytes where they got no name. */
  async release(received: Received): Promise<void> {
    await received.flushing?.catch(() => {});
    await received.handle.close().catch(() => {});
    await received.claim.end();
    if (this.#named.has(received)) return;
    await this.options.disk.remove(received.path).catch(() => {});
  }

  /** Removes the bytes of a photo. The caller holds the centre's receipt, or never answered. */
  async removePhoto(sha256: string): Promise<void> {
    await this.options.disk.remove(this.pathOf(sha256));
  }

  async removeSidecars(sha256: string, sightingIds: readonly string[]): Promise<void> {
    const folder = join(this.#spool, sha256.slice(0, 2));
    for (const id of sightingIds) {
      await this.options.disk.remove(join(folder, sidecarName(sha256, id)));
    }
  }

  /**
   * Gives a photo the bytes of a sound copy, in place of those it has here. False: the copy has
   * other bytes too, and nothing is changed. Throws STORAGE_FULL, STORAGE_FAILED and what reading
   * the copy throws.
   */
  async restore(sha256: string, copy: AsyncIterable<Uint8Array>): Promise<boolean> {
    const { disk } = this.options;
    const path = this.#temporary.newPath();
    const target = this.pathOf(sha256);
    try {
      if (!(await this.#copy(copy, { path, sha256 }))) return false;
      await disk.rename(path, target);
      await disk.syncFolder(join(target, '..'));
      return true;
    } catch (error) {
      await disk.remove(path).catch(() => {});
      throw toDiskError(error);
    }
  }

  /** Takes a photo whose bytes are others than its name out of the way, for people to look at. */
  async setAside(sha256: string): Promise<void> {
    const folder = join(this.options.folder, 'broken');
    await this.#folders.ensure(folder);
    const { disk } = this.options;
    await disk.rename(this.pathOf(sha256), join(folder, `${sha256}.${this.#ids.uuid()}`));
    await disk.syncFolder(folder);
  }

  /** The photo's bytes from their beginning. */
  read(sha256: string, chunkBytes?: number): AsyncIterable<Uint8Array> {
    return this.options.disk.read(this.pathOf(sha256), chunkBytes);
  }

  /** When its bytes were written, by the wall clock of then: UTC milliseconds. */
  async modifiedAt(sha256: string): Promise<number> {
    return await this.options.disk.modifiedAt(this.pathOf(sha256));
  }

  async hashOf(sha256: string): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of this.read(sha256)) hash.update(chunk);
    return hash.digest('hex');
  }

  /**
   * Whether the bytes are still the photo's. What the disk cannot give back is not; throws what
   * else reading throws, of which the bytes may be innocent.
   */
  async isSound(sha256: string): Promise<boolean> {
    try {
      return (await this.hashOf(sha256)) === sha256;
    } catch (error) {
      if (isUnreadable(error)) return false;
      throw error;
    }
  }

  /** Removes what was being received when the process ended; answers how many files. */
  async reapTemporary(): Promise<number> {
    return await this.#temporary.reap();
  }

  /** Every photo in one folder of the spool with the ids of its sidecars; also sidecars without one. */
  async contents(prefix: string): Promise<SpoolEntry[]> {
    const { disk } = this.options;
    const folder = join(this.#spool, prefix);
    const entries = new Map<string, { sizeBytes: number | null; sightingIds: string[] }>();
    for (const name of await disk.list(folder)) {
      const parsed = parseSpoolName(name);
      if (!parsed) continue;
      const entry = entries.get(parsed.sha256) ?? { sizeBytes: null, sightingIds: [] };
      entries.set(parsed.sha256, entry);
      if (parsed.sightingId) entry.sightingIds.push(parsed.sightingId);
      else entry.sizeBytes = await disk.sizeOf(join(folder, name)).catch(unknownSize);
    }
    return [...entries].map(([sha256, entry]) => ({ sha256, ...entry }));
  }

  /** Throws what reading throws, and for one that says something else than its name or nothing. */
  async readSidecar(sha256: string, sightingId: string): Promise<Sidecar> {
    const path = join(this.#spool, sha256.slice(0, 2), sidecarName(sha256, sightingId));
    const chunks = await Array.fromAsync(this.options.disk.read(path));
    const sidecar = parseSidecar(Buffer.concat(chunks).toString('utf8'));
    if (sidecar.photo.sha256 === sha256 && sidecar.sighting.id === sightingId) return sidecar;
    throw new Error('the sidecar is of another photo or sighting than its name says');
  }

  /**
   * Flushes received bytes; answers where they are. A failed flush is never repeated: the kernel
   * may have dropped the pages it reported. If the bytes can still be read they are written to
   * another file, once.
   */
  async #flushPhoto({ sha256, path, handle, flushing }: Received): Promise<Flushed> {
    const { disk } = this.options;
    try {
      await (flushing ?? disk.sync(handle));
      return { path, failure: null };
    } catch (failure) {
      if (errnoOf(failure) !== 'EIO') throw failure;
      const elsewhere = this.#temporary.newPath();
      const written = await this.#copy(disk.read(path), { path: elsewhere, sha256 });
      if (!written) throw failure;
      return { path: elsewhere, failure };
    }
  }

  /** Writes and flushes a new file; without these bytes there is none, and the answer is false. */
  async #copy(
    bytes: AsyncIterable<Uint8Array>,
    { path, sha256 }: { readonly path: string; readonly sha256: string },
  ): Promise<boolean> {
    const { disk } = this.options;
    const file = await disk.create(path);
    let done = false;
    try {
      const hash = createHash('sha256');
      for await (const chunk of bytes) {
        hash.update(chunk);
        await writeAll(file, chunk);
      }
      if (hash.digest('hex') === sha256) {
        await disk.sync(file);
        done = true;
      }
      return done;
    } finally {
      await file.close();
      if (!done) await disk.remove(path).catch(() => {});
    }
  }

  /** Writes and flushes it without its name; answers where. */
  async #flushSidecar(sidecar: Sidecar, claim: Claim): Promise<string> {
    const { disk } = this.options;
    const { path, file } = await claim.take();
    try {
      await file.writeFile(JSON.stringify(sidecar));
      await disk.sync(file);
    } catch (error) {
      await disk.remove(path).catch(() => {});
      throw error;
    } finally {
      await file.close();
    }
    return path;
  }

  #sidecarPath({ photo, sighting }: Sidecar): string {
    return join(this.#spool, photo.sha256.slice(0, 2), sidecarName(photo.sha256, sighting.id));
  }
}

export interface SpoolEntry {
  readonly sha256: string;
  /** Null: there are only sidecars. Negative: the disk does not tell it. */
  readonly sizeBytes: number | null;
  readonly sightingIds: readonly string[];
}

function unknownSize(error: unknown): number {
  if (isUnreadable(error)) return -1;
  throw error;
}

function requireImage(head: Buffer): void {
  if (sniffFormat(head.subarray(0, SNIFF_BYTES)) === undefined) throw notAnImage();
}
