import { AppError } from '@demeter/common/errors';
import { inboxKey } from '@demeter/common/object-keys';
import type {
  ObjectStore,
  PartUploads,
  PutGrant,
  StoredPart,
} from '@demeter/common/object-store/object-store';
import { tooLarge } from '@demeter/common/photo-format';
import type { EdgePrincipal } from '../auth/principal.ts';
import type { CoreContext } from '../context.ts';
import { photoLimits } from './stage-photo.ts';

/**
 * Photos that an edge sends in parts, so that a cut link costs one part and not the whole. The
 * core holds no state of an upload: the store knows what has arrived, the edge what it wants sent.
 */

/** From here on parts are worth their requests. */
export const PARTS_FROM_BYTES = 8 * 1024 * 1024;
/** The least that S3 takes for all parts but the last. */
const PART_BYTES_MIN = 5 * 1024 * 1024;
export const PARTS_MAX = 10_000;
/** What was begun and never ended goes; S3's own rules for this are not known to every server. */
const STALE_MS = 30 * 86_400_000;

export interface AnnouncedPart {
  readonly number: number;
  /** Hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface UploadRequest {
  readonly edge: EdgePrincipal;
  readonly sha256: string;
  readonly uploadId: string;
}

/** Size of every part of a photo but the last. */
export function partBytesOf(sizeBytes: number): number {
  return Math.max(PART_BYTES_MIN, Math.ceil(sizeBytes / PARTS_MAX));
}

/** The id of the upload to `key` that is under way already, or of a new one. */
export async function openUpload(
  uploads: PartUploads,
  key: string,
  mediaType: string,
): Promise<string> {
  const pending = await Array.fromAsync(uploads.pending(key));
  const own = pending.filter((upload) => upload.key === key);
  const newest = own.sort((a, b) => b.begunAt.getTime() - a.begunAt.getTime())[0];
  return newest?.uploadId ?? (await uploads.begin(key, mediaType));
}

/**
 * Grants for the parts that have not arrived as announced. Throws NOT_FOUND (begin again),
 * PAYLOAD_TOO_LARGE (no photo has such parts).
 */
export async function grantMissing(
  { originals, values }: Pick<CoreContext, 'originals' | 'values'>,
  { edge, sha256, uploadId }: UploadRequest,
  parts: readonly AnnouncedPart[],
  expiresInSeconds: number,
): Promise<{ readonly number: number; readonly grant: PutGrant }[]> {
  const { bytesMax } = photoLimits(values);
  // Each call may name other parts: together they must not outgrow the largest photo either.
  const largest = { number: Math.ceil(bytesMax / PART_BYTES_MIN), bytes: partBytesOf(bytesMax) };
  const isTooLarge = parts.some(
    ({ number, sizeBytes }) => number > largest.number || sizeBytes > largest.bytes,
  );
  if (isTooLarge) throw tooLarge(bytesMax);
  const { uploads, key } = uploadOf(originals, edge, sha256);
  const arrived = await uploads.list(key, uploadId);
  if (arrived === null) throw unknownUpload();
  const missing = parts.filter((part) => !arrived.some((stored) => isSame(stored, part)));
  return await Promise.all(
    missing.map(async (part) => ({
      number: part.number,
      grant: await uploads.grant(key, uploadId, { ...part, expiresInSeconds }),
    })),
  );
}

/**
 * Makes the inbox object of the parts that have arrived. Done twice, it is done once. Throws
 * PHOTO_NOT_IN_STORE (parts are missing), NOT_FOUND (no such upload: begin again).
 */
export async function completeUpload(
  { originals }: Pick<CoreContext, 'originals'>,
  { edge, sha256, uploadId }: UploadRequest,
  sizeBytes: number,
): Promise<void> {
  const { uploads, key } = uploadOf(originals, edge, sha256);
  const isThere = async () => (await originals.head(key))?.sizeBytes === sizeBytes;
  const parts = await uploads.list(key, uploadId);
  if (parts === null) {
    // An earlier call may have done it, and its answer been lost.
    if (await isThere()) return;
    throw unknownUpload();
  }
  if (!isWhole(parts, sizeBytes)) {
    throw new AppError('PHOTO_NOT_IN_STORE', 'Parts of this photo are missing.');
  }
  for (let attempt = 0; attempt < 2; attempt++) {
    if ((await uploads.complete(key, uploadId, parts)).created) return;
    if (await isThere()) {
      await uploads.abort(key, uploadId);
      return;
    }
    // Another length than this photo's: nobody will ever register that.
    await originals.remove(key);
  }
  throw new AppError('CONFLICT', 'The inbox holds other bytes for this photo.');
}

interface SweepContext extends Pick<CoreContext, 'originals' | 'clock'> {
  readonly log: Pick<CoreContext['log'], 'info'>;
}

/** Gives back the space of uploads that nobody has gone on with for a month. */
export async function sweepUploads({ originals, clock, log }: SweepContext): Promise<void> {
  if (!originals.parts) return;
  for await (const { key, uploadId, begunAt } of originals.parts.pending('inbox/')) {
    if (clock.now() - begunAt.getTime() < STALE_MS) continue;
    await originals.parts.abort(key, uploadId);
    log.info({ key }, 'an upload that was never ended has been removed');
  }
}

function uploadOf(originals: ObjectStore, edge: EdgePrincipal, sha256: string) {
  const { organisationId, edgeId } = edge;
  if (originals.parts) {
    return { uploads: originals.parts, key: inboxKey({ organisationId, sha256 }, edgeId) };
  }
  throw new AppError('NOT_OFFERED', 'This centre takes photos whole.', {
    hint: 'Ask for a grant without parts.',
  });
}

function unknownUpload(): AppError {
  return new AppError('NOT_FOUND', 'This upload is not known, or no longer.', {
    field: 'upload_id',
    hint: 'Ask for a grant again.',
  });
}

function isSame(stored: StoredPart, part: AnnouncedPart): boolean {
  const { number, sha256, sizeBytes } = stored;
  return number === part.number && sha256 === part.sha256 && sizeBytes === part.sizeBytes;
}

function isWhole(parts: readonly StoredPart[], sizeBytes: number): boolean {
  const total = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  return total === sizeBytes && parts.every((part, index) => part.number === index + 1);
}
