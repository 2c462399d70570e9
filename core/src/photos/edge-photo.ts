import { AppError } from '@demeter/common/errors';
import { parseSha256 } from '@demeter/common/ids';
import { inboxKey, originalKey } from '@demeter/common/object-keys';
import type { StoredObject } from '@demeter/common/object-store/object-store';
import { isPlaceCode } from '@demeter/common/place-code';
import { currentTraceparent, withSpan } from '@demeter/common/telemetry';
import { type Static, t } from 'elysia';
import type { EdgePrincipal } from '../auth/principal.ts';
import type { CoreContext } from '../context.ts';
import { nullable } from '../http/schemas.ts';
import { noteFailedRead } from '../originals/missing.ts';
import { type BoxTime, estimateBoxTime } from '../times/box-clock.ts';
import { noteContact, readContacts } from '../times/contacts.ts';
import { toPosition } from './metadata.ts';
import { PhotoId } from './photo-body.ts';
import type { PlaceClaim } from './place-queries.ts';
import { registerPhoto, type Sighting } from './register-photo.ts';
import { inspectPhoto, photoLimits, withStagedBytes } from './stage-photo.ts';
import { announce, storeOriginal, type TakeContext } from './take-photo.ts';
import { cleanFileName } from './upload-request.ts';

const TRACE_STALE_MS = 3_600_000;
const MONOTONIC_MS_MAX = 1_000 * 365 * 86_400_000;
const Time = t.String({ format: 'date-time' });
/** Beyond any machine's life, and within what the database holds as a time. */
const Monotonic = t.Number({ minimum: -MONOTONIC_MS_MAX, maximum: MONOTONIC_MS_MAX });
const Count = t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const ULID = t.String({ pattern: '^[0-9A-HJKMNP-TV-Z]{26}$' });
const maybe = <S extends Parameters<typeof nullable>[0]>(schema: S) => t.Optional(nullable(schema));

const BoxClock = t.Object(
  {
    sent_at: Time,
    boot_id: t.String({ minLength: 1, maxLength: 100 }),
    boot_number: maybe(Count),
    monotonic_ms: Monotonic,
  },
  { additionalProperties: true },
);

/** A registration (docs/protocols.md). Newer edges may send more: what is not known is left. */
export const EdgePhoto = t.Object(
  {
    sha256: PhotoId,
    size_bytes: t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    media_type: t.String({ maxLength: 40 }),
    file_name: maybe(t.String({ maxLength: 1000 })),
    sighting: t.Object(
      {
        id: ULID,
        camera: t.String({ minLength: 1, maxLength: 100 }),
        boot_id: maybe(t.String({ maxLength: 100 })),
        boot_number: maybe(Count),
        sequence: maybe(Count),
        monotonic_ms: maybe(Monotonic),
        captured_at: maybe(Time),
        captured_at_local: maybe(t.String({ maxLength: 40 })),
        captured_at_source: t.Union([
          t.Literal('exif'),
          t.Literal('device'),
          t.Literal('file'),
          t.Literal('none'),
        ]),
        accepted_at: Time,
        recovered: maybe(t.Boolean()),
      },
      { additionalProperties: true },
    ),
    /** The box's clocks when it sent this. */
    clock: maybe(BoxClock),
    place: maybe(
      t.Object(
        {
          location_id: t.Optional(t.String({ format: 'uuid' })),
          location_code: t.Optional(t.String({ maxLength: 100 })),
        },
        { additionalProperties: true },
      ),
    ),
    position: maybe(
      t.Object(
        { longitude: t.Number(), latitude: t.Number(), accuracy_m: maybe(t.Number()) },
        { additionalProperties: true },
      ),
    ),
    verdict: maybe(
      t.Object(
        {
          result: t.Union([t.Literal('good'), t.Literal('poor'), t.Literal('undecodable')]),
          reasons: t.Optional(t.Array(t.Any(), { maxItems: 20 })),
        },
        { additionalProperties: true },
      ),
    ),
    correlation_id: t.String({ pattern: '^[A-Za-z0-9._-]{8,128}$' }),
    traceparent: maybe(t.String({ pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' })),
  },
  { additionalProperties: true },
);
export type EdgePhoto = Static<typeof EdgePhoto>;

export interface TakenEdgePhoto {
  readonly created: boolean;
  readonly state: string;
  /** Compact JWS. */
  readonly receipt: string;
}

/**
 * Registers a photo that an edge has put: the bytes are read again, hashed and checked, stored
 * under their own key, and registered in one transaction; only then is there a receipt.
 * Throws PHOTO_NOT_IN_STORE, CHECKSUM_MISMATCH (the inbox is emptied), and what a check throws.
 */
export async function takeEdgePhoto(
  take: TakeContext,
  edge: EdgePrincipal,
  given: EdgePhoto,
): Promise<TakenEdgePhoto> {
  const { context, pipelines } = take;
  const { organisationId } = edge;
  await pipelines.require();
  const boxTime = await boxTimeOf(context, edge, given);
  const limits = photoLimits(context.values);
  const inbox = inboxKey({ organisationId, sha256: given.sha256 }, edge.edgeId);
  const object = await openBytes(context, inbox, given.sha256);
  return await withSpan('register photo', traceOf(context, given), () =>
    withStagedBytes(object.stream, limits.bytesMax, async (staged) => {
      if (staged.sha256 !== given.sha256 || staged.sizeBytes !== given.size_bytes) {
        await context.originals.remove(inbox);
        const error = new AppError('CHECKSUM_MISMATCH', 'The object at the key has other bytes.');
        await noteFailedRead(context, organisationId, parseSha256(given.sha256), error);
        throw error;
      }
      const photo = await inspectPhoto(staged, limits);
      const stored = await storeOriginal(context, photo);
      const said = given.position;
      const registered = await registerPhoto(context.db, {
        organisationId,
        photo: {
          ...stored,
          position: said
            ? toPosition(said.longitude, said.latitude, said.accuracy_m)
            : stored.position,
        },
        sighting: toSighting(edge, given, boxTime),
        ...(await pipelines.forPhoto(stored.sha256)),
        strictPlace: false,
      });
      const receipt = await context.keys.signReceipt({
        sha256: given.sha256,
        size_bytes: registered.sizeBytes,
        organisation_id: organisationId,
        received_at: registered.receivedAt.toISOString(),
        key: registered.objectKey,
      });
      announce(take, stored.sha256, registered.created);
      await removeInbox(context, inbox);
      return { created: registered.created, state: registered.state, receipt };
    }),
  );
}

/** When the box accepted the photo, by the core's clock; the contact that this is counts too. */
export async function boxTimeOf(
  { db, clock }: Pick<CoreContext, 'db' | 'clock'>,
  edge: EdgePrincipal,
  { sighting, clock: sent }: Pick<EdgePhoto, 'sighting' | 'clock'>,
): Promise<BoxTime> {
  const receivedMs = clock.now();
  if (sent) {
    await noteContact(db, edge, {
      bootId: sent.boot_id,
      bootNumber: sent.boot_number ?? null,
      monotonicMs: sent.monotonic_ms,
      wallMs: Date.parse(sent.sent_at),
      receivedMs,
    });
  }
  const wallMs = Date.parse(sighting.accepted_at);
  // A box of an earlier version says too little of its clock to correct it.
  if (!sent || !sighting.boot_id) return { offsetMs: 0, trueMs: wallMs, exact: false };
  const accepted = {
    bootId: sighting.boot_id,
    bootNumber: sighting.boot_number ?? null,
    monotonicMs: sighting.monotonic_ms ?? 0,
    wallMs,
  };
  return estimateBoxTime(accepted, await readContacts(db, edge, accepted.bootId), receivedMs);
}

/** After hours offline the journey so far is linked: a trace is of minutes. */
function traceOf({ clock }: CoreContext, { traceparent, sighting }: EdgePhoto) {
  const isStale = clock.now() - Date.parse(sighting.accepted_at) > TRACE_STALE_MS;
  return isStale ? { linkedTraceparent: traceparent } : { traceparent };
}

/** From the inbox, or from where they were stored before. Throws PHOTO_NOT_IN_STORE. */
async function openBytes(
  { originals, organisationId }: CoreContext,
  inbox: string,
  sha256: string,
): Promise<StoredObject> {
  for (const key of [inbox, originalKey({ organisationId, sha256 })]) {
    try {
      return await originals.get(key);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'NOT_FOUND') throw error;
    }
  }
  throw new AppError('PHOTO_NOT_IN_STORE', 'The bytes of this photo are not in the store yet.');
}

/** What stays behind is overwritten by nobody and costs only space: no reason to fail. */
async function removeInbox({ originals, log }: CoreContext, key: string): Promise<void> {
  try {
    await originals.remove(key);
  } catch (error) {
    log.warn({ err: error, key }, 'an inbox object was not removed');
  }
}

function toSighting(edge: EdgePrincipal, given: EdgePhoto, boxTime: BoxTime): Sighting {
  const { sighting, place } = given;
  return {
    source: 'edge',
    sourceKey: `${edge.edgeId}:${sighting.id}`,
    edgeId: edge.edgeId,
    camera: sighting.camera,
    bootId: sighting.boot_id ?? null,
    bootNumber: sighting.boot_number ?? null,
    sequence: sighting.sequence ?? null,
    monotonicMs: sighting.monotonic_ms ?? null,
    fileName: cleanFileName(given.file_name),
    capturedAt: {
      captured_at: sighting.captured_at ?? null,
      captured_at_local: sighting.captured_at_local ?? null,
    },
    capturedAtSource: sighting.captured_at_source,
    acceptedAt: new Date(sighting.accepted_at),
    boxTime,
    place: toClaim(place),
    verdict: given.verdict ?? null,
    recovered: sighting.recovered ?? false,
    uploadedBy: null,
    correlationId: given.correlation_id,
    // The next step belongs under this one.
    traceparent: currentTraceparent() ?? given.traceparent ?? null,
  };
}

/** A code that none can be is left: the photo must not wait for ever for what its sender cannot mend. */
function toClaim(place: EdgePhoto['place']): PlaceClaim | null {
  if (place?.location_id) return { location_id: place.location_id };
  const code = place?.location_code?.trim();
  return code && isPlaceCode(code) ? { location_code: code } : null;
}
