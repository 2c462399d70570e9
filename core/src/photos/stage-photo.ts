import { createHash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Values } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import {
  checkPhoto,
  type PhotoHeader,
  type PhotoLimits,
  tooLarge,
} from '@demeter/common/photo-format';
import { withFileSource } from '@demeter/common/photo-format/source';
import { type ReadMetadata, readMetadata } from './metadata.ts';

/** Bytes on this machine's disk for as long as a request lasts, hashed while they came in. */
export interface StagedBytes {
  readonly path: string;
  /** Hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface StagedPhoto extends StagedBytes, ReadMetadata {
  readonly header: PhotoHeader;
}

export function photoLimits(
  values: Pick<Values, 'DEMETER_PHOTO_BYTES_MAX' | 'DEMETER_PHOTO_PIXELS_MAX'>,
): PhotoLimits {
  return {
    bytesMax: values.DEMETER_PHOTO_BYTES_MAX,
    pixelsMax: values.DEMETER_PHOTO_PIXELS_MAX,
  };
}

/**
 * Streams bytes to a temporary file, never whole into memory, and removes it after `use`.
 * Throws PHOTO_TOO_LARGE as soon as they are too many, and what `use` throws.
 */
export async function withStagedBytes<T>(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
  use: (staged: StagedBytes) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'demeter-core-')).catch(toDiskError);
  try {
    const file = path.join(folder, 'photo');
    const handle = await open(file, 'wx', 0o600).catch(toDiskError);
    const written = await write(handle, chunks, bytesMax).finally(() => handle.close());
    return await use({ path: file, ...written });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(handle: FileHandle, chunks: AsyncIterable<Uint8Array>, bytesMax: number) {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > bytesMax) throw tooLarge(bytesMax);
    hash.update(chunk);
    await handle.writeFile(chunk).catch(toDiskError);
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

/**
 * Checks staged bytes as a photo and reads what it says of itself.
 * Throws EMPTY_PHOTO, NOT_AN_IMAGE, TOO_MANY_PIXELS, TRUNCATED_PHOTO.
 */
export async function inspectPhoto(staged: StagedBytes, limits: PhotoLimits): Promise<StagedPhoto> {
  const header = await withFileSource(staged.path, (source) => checkPhoto(source, limits));
  return { ...staged, header, ...(await readMetadata(staged.path)) };
}

function toDiskError(error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  throw new AppError(
    full ? 'STORAGE_FULL' : 'STORAGE_FAILED',
    full ? 'The disk of the core is full.' : 'The disk of the core failed.',
    { cause: error, retryAfterSeconds: 30 },
  );
}
