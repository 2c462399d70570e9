import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  type FileHandle,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, syncFile, syncFolder } from '@demeter/common/durable-files';
import { AppError } from '@demeter/common/errors';
import { acquireFileLock } from '@demeter/common/file-lock';
import { newId } from '@demeter/common/ids';
import { parseManifest } from '../model/manifest.ts';
import { type ModelSpec, modelKey } from '../model/model-spec.ts';
import { readRepository } from '../model/repository.ts';

export interface Upload {
  readonly name: string;
  readonly version: string;
  /** Of the ONNX file, 32 bytes. */
  readonly sha256: Uint8Array;
  readonly sizeBytes: number;
  /** Empty: the file is read by what it says of itself. */
  readonly manifest: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Loads and runs it once. Throws MODEL_INVALID, MODEL_MEMORY_FULL, MODEL_UNAVAILABLE. */
  readonly tryOut: (spec: ModelSpec) => Promise<void>;
}

export interface UploadsOptions {
  readonly folder: string;
  /** The folder is ours alone, and made where it is missing. */
  readonly own: boolean;
  readonly bytesMax: number;
}

/** Uploads at the same time; each may hold `bytesMax` of the disk. */
const ACTIVE_MAX = 2;
const STAGING = '.upload-';
const REMOVED = '.removed-';
/** Stands in the folder of a version that was uploaded, and may be removed again. */
const MARK = '.uploaded';

/**
 * Versions that come over the network: written and checked under a name that the repository does not
 * read, synced, and then renamed to where it does. What goes wrong leaves nothing.
 */
export class Uploads {
  #active = 0;

  constructor(private readonly options: UploadsOptions) {}

  /** Removes what a process left that was killed in the middle. */
  async cleanUp(): Promise<void> {
    const { folder, own } = this.options;
    if (own) await mkdir(folder, { recursive: true });
    const names = await readdir(folder).catch(() => []);
    for (const name of names) {
      const path = join(folder, name);
      if (name.startsWith(REMOVED)) await rm(path, { recursive: true, force: true });
      if (!name.startsWith(STAGING)) continue;
      // Another server on the same folder holds the lock of what it is just writing.
      const { lock } = acquireFileLock(join(path, 'lock'));
      if (!lock) continue;
      await rm(path, { recursive: true, force: true });
      lock.release();
    }
  }

  /**
   * Resolves when the version is in the repository. Throws INVALID_INPUT, CHECKSUM_MISMATCH,
   * MODEL_INVALID, MODEL_MEMORY_FULL, MODEL_UNAVAILABLE, ALREADY_EXISTS, TOO_MANY_REQUESTS,
   * STORAGE_FULL, STORAGE_FAILED.
   */
  async receive(upload: Upload): Promise<void> {
    this.#check(upload);
    if (this.#active >= ACTIVE_MAX) {
      throw new AppError('TOO_MANY_REQUESTS', 'Other models are being uploaded.', {
        retryAfterSeconds: 10,
      });
    }
    this.#active++;
    const staging = join(this.options.folder, `${STAGING}${newId()}`);
    try {
      await this.#stage(staging, upload);
    } catch (error) {
      throw toStorageError(error);
    } finally {
      this.#active--;
      await rm(staging, { recursive: true, force: true });
    }
  }

  /** Deletes a version that was uploaded. Throws CONFLICT. */
  async remove({ name, version }: { readonly name: string; readonly version: string }) {
    const { folder } = this.options;
    const path = join(folder, name, version);
    const uploaded = await access(join(path, MARK)).then(
      () => true,
      () => false,
    );
    if (!uploaded) {
      throw new AppError('CONFLICT', `${name}/${version} was not uploaded.`, {
        hint: 'Remove its folder from MODEL_DIR.',
      });
    }
    const gone = join(folder, `${REMOVED}${newId()}`);
    await rename(path, gone);
    await syncFolder(join(folder, name));
    await rm(gone, { recursive: true, force: true });
    await removeIfEmpty(join(folder, name));
  }

  #check({ name, version, sha256, sizeBytes }: Upload): void {
    const fields = { name, version };
    for (const [field, value] of Object.entries(fields)) {
      if (/^[a-z0-9][a-z0-9._-]{0,99}$/i.test(value)) continue;
      throw invalid(field, 'takes letters, digits, ".", "_" and "-", 100 at most');
    }
    if (sha256.length !== 32) throw invalid('sha256', 'takes 32 bytes');
    if (sizeBytes > 0 && sizeBytes <= this.options.bytesMax) return;
    throw invalid('size_bytes', `is from 1 to ${this.options.bytesMax} (DEMETER_MODEL_BYTES_MAX)`);
  }

  async #stage(staging: string, upload: Upload): Promise<void> {
    const { folder } = this.options;
    const { name, version, manifest } = upload;
    const file = manifest === '' ? `${name}.onnx` : parseManifest(manifest).file;
    const from = join(staging, name, version);
    await mkdir(from, { recursive: true });
    const { lock } = acquireFileLock(join(staging, 'lock'));
    try {
      await writeChecked(join(from, file), upload);
      if (manifest !== '') {
        await writeFile(join(from, 'manifest.json'), manifest);
        await syncFile(join(from, 'manifest.json'));
      }
      await writeFile(join(from, MARK), `${new Date().toISOString()}\n`);
      await syncFolder(from);
      const [entry] = await readRepository([staging]);
      if (!entry || 'error' in entry) throw withoutPath(entry?.error, staging);
      await upload.tryOut(entry.spec);
      await publish({ from, folder, name, version });
    } finally {
      lock?.release();
    }
  }
}

/** Throws INVALID_INPUT as soon as there is too much, or at the end too little; CHECKSUM_MISMATCH. */
async function writeChecked(path: string, { chunks, sizeBytes, sha256 }: Upload): Promise<void> {
  const hash = createHash('sha256');
  let written = 0;
  const file: FileHandle = await open(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
  );
  try {
    for await (const chunk of chunks) {
      written += chunk.length;
      if (written > sizeBytes) throw invalid('size_bytes', `is ${sizeBytes}; more bytes came`);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    if (written < sizeBytes) throw invalid('size_bytes', `is ${sizeBytes}; ${written} bytes came`);
    if (!hash.digest().equals(sha256)) {
      throw new AppError('CHECKSUM_MISMATCH', 'The file does not have the SHA-256 announced.');
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The one step by which a version appears, whole; it survives a power cut. */
async function publish(at: { from: string; folder: string; name: string; version: string }) {
  const model = join(at.folder, at.name);
  await mkdir(model, { recursive: true });
  try {
    await rename(at.from, join(model, at.version));
  } catch (error) {
    await removeIfEmpty(model);
    const taken = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(error) ?? '');
    if (!taken) throw error;
    throw new AppError('ALREADY_EXISTS', `${modelKey(at)} is in the repository already.`, {
      hint: 'Upload it as another version.',
    });
  }
  await syncFolder(model);
  await syncFolder(at.folder);
}

async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => {
    // It holds other versions.
  });
}

/** What is wrong with the model, without the name that it had here for a moment. */
function withoutPath(error: AppError | undefined, staging: string): AppError {
  const message = error?.message.replace(`${staging}/`, '') ?? 'The upload holds no model.';
  return new AppError('MODEL_INVALID', message, { cause: error });
}

function invalid(field: string, what: string): AppError {
  return new AppError('INVALID_INPUT', `${field} ${what}.`, { field });
}

function toStorageError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  switch (errnoOf(error)) {
    case undefined:
      return error;
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError('STORAGE_FULL', 'There is no room on the disk for the model.', {
        hint: 'Free space in the folder of DEMETER_INFERENCE_UPLOADS.',
        cause: error,
      });
    default:
      return new AppError('STORAGE_FAILED', 'The model could not be written.', {
        hint: 'Is the folder of DEMETER_INFERENCE_UPLOADS writable?',
        cause: error,
      });
  }
}
