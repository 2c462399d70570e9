import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '@demeter/common/clock';
import { DurableFolders, errnoOf } from '@demeter/common/durable-files';
import { AppError } from '@demeter/common/errors';
import type { Disk, DiskFile } from '../buffer/disk.ts';
import type { CoreClient } from '../forward/core-client.ts';
import { DestinationFailure } from '../forward/failures.ts';
import { readBody } from './body.ts';
import { type HeldModels, wantedModels } from './held-models.ts';
import { ManifestRefused, type Piece } from './manifest.ts';

/** Left for photos on the disk. */
const ROOM_BYTES = 256 * 1024 ** 2;

export interface ModelFilesOptions {
  readonly dataFolder: string;
  readonly disk: Disk;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly core: Pick<CoreClient, 'open'>;
  /** Removes a folder with all that is in it; succeeds where there is none. */
  readonly removeFolder: (path: string) => Promise<void>;
}

/**
 * Models in `models/NAME/VERSION/` of the data folder. What arrives of a file lies in
 * `models/.pull/SHA256/`, one file for each try, named by where it begins, so that a cut link
 * costs nothing that came before. A version gets its name when all its files are whole and flushed.
 */
export class ModelFiles {
  readonly #root: string;
  readonly #folders: DurableFolders;

  constructor(private readonly options: ModelFilesOptions) {
    this.#root = join(options.dataFolder, 'models');
    this.#folders = new DurableFolders(options.dataFolder, options.disk);
  }

  /** Pulls what is not here. Throws ManifestRefused `changed`, and what the core and the disk throw. */
  async pull(pieces: readonly Piece[], signal: AbortSignal): Promise<void> {
    const versions = Map.groupBy(pieces, ({ name }) => dirname(name));
    for (const [version, files] of versions) {
      if (!(await this.#isHere(files))) await this.#pullVersion(version, files, signal);
    }
  }

  /** Removes all versions but those that are held, and what came of others than `pieces`. */
  async prune(held: HeldModels, pieces: readonly Piece[]): Promise<void> {
    const { removeFolder } = this.options;
    const wanted = wantedModels(pieces);
    for (const name of await this.#list(this.#root)) {
      if (name === '.pull') continue;
      for (const version of await this.#list(join(this.#root, name))) {
        const isKept = held[name]?.includes(version) || wanted[name] === version;
        if (!isKept) await removeFolder(join(this.#root, name, version));
      }
    }
    for (const part of await this.#list(join(this.#root, '.pull'))) {
      const isWanted = pieces.some(
        ({ name, sha256 }) => sha256 === part || stagedName(dirname(name)) === part,
      );
      if (!isWanted) await removeFolder(join(this.#root, '.pull', part));
    }
  }

  async #isHere(files: readonly Piece[]): Promise<boolean> {
    for (const { name, size_bytes } of files) {
      if ((await this.#sizeOf(join(this.options.dataFolder, name))) !== size_bytes) return false;
    }
    return true;
  }

  async #pullVersion(version: string, files: readonly Piece[], signal: AbortSignal): Promise<void> {
    const { disk, dataFolder, removeFolder } = this.options;
    await this.#requireRoom(files);
    for (const file of files) await this.#fetch(file, signal);
    const whole = join(this.#root, '.pull', stagedName(version));
    await removeFolder(whole);
    await this.#folders.ensure(join(this.#root, '.pull'));
    await disk.makeFolder(whole);
    for (const file of files) await this.#assemble(file, join(whole, basename(file.name)));
    await disk.syncFolder(whole);
    const target = join(dataFolder, version);
    await this.#folders.ensure(dirname(target));
    // What stands there is not whole, or it would have been found.
    await removeFolder(target);
    await disk.rename(whole, target);
    await disk.syncFolder(dirname(target));
    for (const { sha256 } of files) await removeFolder(this.#partsOf(sha256));
  }

  /** Twice their size, since the parts go when the whole is there. Throws STORAGE_FULL. */
  async #requireRoom(files: readonly Piece[]): Promise<void> {
    const { disk, dataFolder } = this.options;
    let needed = ROOM_BYTES;
    for (const { sha256, size_bytes } of files) {
      needed += 2 * size_bytes - (await this.#received(sha256));
    }
    if ((await disk.free(dataFolder)) >= needed) return;
    throw new AppError('STORAGE_FULL', `Models of ${needed} bytes would leave no room for photos.`);
  }

  /** Goes on behind what is here already. */
  async #fetch({ sha256, size_bytes }: Piece, signal: AbortSignal): Promise<void> {
    const { disk, clock, core } = this.options;
    const folder = this.#partsOf(sha256);
    await this.#folders.ensure(folder);
    const have = await this.#received(sha256);
    if (have === size_bytes) return;
    if (have > size_bytes) {
      await this.#drop(sha256);
      throw new ManifestRefused('changed', 'more bytes came than were signed');
    }
    const range: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
    const answer = await core.open(`edge/configuration/pieces/${sha256}`, range, signal);
    const from = answer.status === 206 ? have : 0;
    if (from === 0) await this.#drop(sha256);
    await disk.makeFolder(folder);
    const file = await disk.create(join(folder, String(from)));
    let offset = 0;
    try {
      for await (const chunk of readBody(answer, { clock, signal })) {
        await writeAll(file, chunk);
        offset += chunk.byteLength;
        if (from + offset > size_bytes) break;
      }
    } finally {
      await disk.sync(file);
      await file.close();
      await disk.syncFolder(folder);
    }
    if (from + offset >= size_bytes) return;
    throw new DestinationFailure('core', 'unreachable', 'a file was cut on its way');
  }

  /** Joins the parts and hashes them; other bytes than were signed are dropped. */
  async #assemble({ sha256, size_bytes }: Piece, target: string): Promise<void> {
    const { disk } = this.options;
    const hash = createHash('sha256');
    const file = await disk.create(target);
    let offset = 0;
    try {
      for (const part of await this.#parts(sha256)) {
        for await (const chunk of disk.read(join(this.#partsOf(sha256), String(part)))) {
          hash.update(chunk);
          await writeAll(file, chunk);
          offset += chunk.byteLength;
        }
      }
      await disk.sync(file);
    } finally {
      await file.close();
    }
    if (offset === size_bytes && hash.digest('hex') === sha256) return;
    await this.#drop(sha256);
    throw new ManifestRefused('changed', 'a file has other bytes than were signed');
  }

  /** Where parts begin, in order. */
  async #parts(sha256: string): Promise<number[]> {
    const names = await this.#list(this.#partsOf(sha256));
    return names.map(Number).sort((a, b) => a - b);
  }

  /** Bytes that are here without a gap. */
  async #received(sha256: string): Promise<number> {
    let end = 0;
    for (const part of await this.#parts(sha256)) {
      if (part !== end) {
        await this.#drop(sha256);
        return 0;
      }
      end += (await this.#sizeOf(join(this.#partsOf(sha256), String(part)))) ?? 0;
    }
    return end;
  }

  async #drop(sha256: string): Promise<void> {
    await this.options.removeFolder(this.#partsOf(sha256));
    await this.options.disk.makeFolder(this.#partsOf(sha256));
  }

  #partsOf(sha256: string): string {
    return join(this.#root, '.pull', sha256);
  }

  async #list(folder: string): Promise<string[]> {
    try {
      return await this.options.disk.list(folder);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
      throw error;
    }
  }

  async #sizeOf(path: string): Promise<number | null> {
    try {
      return await this.options.disk.sizeOf(path);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    }
  }
}

/** Of `models/NAME/VERSION`, until all its files are whole. */
function stagedName(version: string): string {
  return version.replaceAll('/', '_');
}

/** Behind what was written before. */
async function writeAll(file: DiskFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) at += (await file.write(bytes, at)).bytesWritten;
}
