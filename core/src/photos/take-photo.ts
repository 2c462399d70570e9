import { newId, parseSha256 } from '@demeter/common/ids';
import { originalKey } from '@demeter/common/object-keys';
import { currentTraceparent, withSpan } from '@demeter/common/telemetry';
import type { CoreContext } from '../context.ts';
import type { ActivePipelineStore } from '../pipelines/active-pipeline.ts';
import { publishPhoto } from './photo-event.ts';
import type { PlaceClaim } from './place-queries.ts';
import {
  type Registered,
  registerPhoto,
  type Sighting,
  type StoredPhoto,
} from './register-photo.ts';
import { inspectPhoto, photoLimits, type StagedPhoto, withStagedBytes } from './stage-photo.ts';

export interface TakeContext {
  readonly context: CoreContext;
  readonly pipelines: ActivePipelineStore;
  /** Photos were queued. */
  readonly wake: () => void;
}

export interface Upload {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Read once the bytes are there: fields of a form may follow its file. */
  readonly claims: () => UploadClaims;
  readonly actor: string;
  readonly correlationId: string;
  readonly traceparent: string | null;
}

export interface UploadClaims {
  readonly fileName: string | null;
  /** RFC 3339 UTC. */
  readonly capturedAt: string | null;
  readonly place: PlaceClaim | null;
}

export interface Taken extends Registered {
  /** Hex. */
  readonly photoId: string;
}

/**
 * A photo sent directly to the core: streamed to disk, checked, stored, registered.
 * Throws NO_PIPELINE, what a check of the photo throws, LOCATION_CONFLICT, NOT_FOUND, and what
 * database and store throw; then nothing is kept as a photo.
 */
export async function takePhoto(take: TakeContext, upload: Upload): Promise<Taken> {
  const { context, pipelines } = take;
  await pipelines.require();
  const limits = photoLimits(context.values);
  return await withStagedBytes(upload.chunks, limits.bytesMax, async (staged) => {
    const claims = upload.claims();
    const photo = await inspectPhoto(staged, limits);
    const stored = await storeOriginal(context, photo);
    const { organisationId } = context;
    const { traceparent } = upload;
    const registered = await withSpan('register photo', { traceparent }, async () =>
      registerPhoto(context.db, {
        organisationId,
        photo: stored,
        sighting: toSighting(upload, claims, new Date(context.clock.now())),
        ...(await pipelines.forPhoto(stored.sha256)),
        strictPlace: true,
      }),
    );
    announce(take, stored.sha256, registered.created);
    return { ...registered, photoId: staged.sha256 };
  });
}

function toSighting(upload: Upload, claims: UploadClaims, acceptedAt: Date): Sighting {
  return {
    source: 'upload',
    sourceKey: `upload:${newId()}`,
    edgeId: null,
    camera: null,
    bootId: null,
    bootNumber: null,
    sequence: null,
    monotonicMs: null,
    fileName: claims.fileName,
    capturedAt: { captured_at: claims.capturedAt, captured_at_local: null },
    capturedAtSource: claims.capturedAt === null ? 'none' : 'device',
    acceptedAt,
    boxTime: null,
    place: claims.place,
    verdict: null,
    uploadedBy: upload.actor,
    correlationId: upload.correlationId,
    traceparent: currentTraceparent() ?? upload.traceparent,
  };
}

/** Puts a checked photo under its own key. Doing it again changes nothing. */
export async function storeOriginal(
  { originals, organisationId }: Pick<CoreContext, 'originals' | 'organisationId'>,
  photo: StagedPhoto,
): Promise<StoredPhoto> {
  const { path, sha256, sizeBytes, header, size, metadata, position, fault } = photo;
  const objectKey = originalKey({ organisationId, sha256 });
  await originals.put(objectKey, { path }, { sha256, sizeBytes, mediaType: header.mediaType });
  return {
    sha256: parseSha256(sha256),
    sizeBytes,
    mediaType: header.mediaType,
    objectKey,
    width: size?.width ?? null,
    height: size?.height ?? null,
    metadata,
    position,
    fault,
  };
}

/** After the commit: the dispatcher looks at once, and the page hears of it. */
export function announce(take: TakeContext, sha256: Buffer, created: boolean): void {
  if (created) take.wake();
  void publishPhoto(take.context, take.context.organisationId, sha256);
}
