import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import type { Database, Transaction } from '../db/database.ts';
import { restorePhoto } from '../originals/missing.ts';
import type { ActivePipeline } from '../pipelines/active-pipeline.ts';
import { holdPhase, type OpenRollout } from '../pipelines/open-rollout.ts';
import { LANE_BACKLOG, LANE_BULK, LANE_LIVE } from '../queue/lanes.ts';
import type { BoxTime } from '../times/box-clock.ts';
import type { TimeSource } from '../times/capture-time.ts';
import { toCaptureColumns } from './capture-columns.ts';
import type { CaptureTime } from './captured-at.ts';
import type { PhotoMetadata, Position } from './metadata.ts';
import type { PlaceDecision } from './place-decision.ts';
import { placePhoto } from './place-photo.ts';
import {
  findClaimed,
  findPlace,
  type PlaceClaim,
  readTimezone,
  toCandidatesJson,
} from './place-queries.ts';

/** One moment at which somebody's camera or hand sent the photo. */
export interface Sighting {
  readonly source: 'edge' | 'upload';
  /** Unique per source: delivering it twice adds nothing. */
  readonly sourceKey: string;
  readonly edgeId: string | null;
  readonly camera: string | null;
  readonly bootId: string | null;
  readonly bootNumber: number | null;
  readonly sequence: number | null;
  readonly monotonicMs: number | null;
  readonly fileName: string | null;
  readonly capturedAt: CaptureTime;
  readonly capturedAtSource: TimeSource;
  readonly acceptedAt: Date;
  /** What the clock of the box was worth then; null: it came to the core itself. */
  readonly boxTime: BoxTime | null;
  readonly place: PlaceClaim | null;
  readonly verdict: unknown;
  /** The box has noted it anew from the photo's bytes: camera, place and clocks are unknown. */
  readonly recovered?: boolean;
  /** `user:<id>` of a direct upload. */
  readonly uploadedBy: string | null;
  readonly correlationId: string;
  readonly traceparent: string | null;
}

/** Bytes that were read, hashed and stored under their key. */
export interface StoredPhoto {
  readonly sha256: Buffer;
  readonly sizeBytes: number;
  readonly mediaType: string;
  readonly objectKey: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly metadata: PhotoMetadata;
  readonly position: Position | null;
  /** Why it cannot be decoded: it is kept and shown, not counted. */
  readonly fault: string | null;
}

export interface Registration {
  readonly organisationId: string;
  readonly photo: StoredPhoto;
  readonly sighting: Sighting;
  readonly pipeline: ActivePipeline;
  /** Both of its pipelines count the photo. */
  readonly rollout?: OpenRollout;
  /** An unknown place: refused for people, who can correct it; an edge's photo is taken all the same. */
  readonly strictPlace: boolean;
}

export interface Registered {
  readonly created: boolean;
  readonly state: string;
  readonly receivedAt: Date;
  readonly sizeBytes: number;
  readonly objectKey: string;
}

/** Backlog of an edge that was away, behind what is happening now. */
const BACKLOG_AGE_MS = 3_600_000;
/** Runs for comparison take turns with other bulk work as one site. */
const ROLLOUT_SITE = 'rollout';
/** Two registrations of the same new bytes: one makes the photo, the other starts over and finds it. */
const RACES_MAX = 5;

class Raced extends Error {}

/**
 * Writes photo, sighting, session, run and queue row in one transaction; of known bytes only the
 * sighting. Doing it again changes nothing.
 * Throws LOCATION_CONFLICT, NOT_FOUND (no such place), CONFLICT.
 */
export async function registerPhoto(db: Database, given: Registration): Promise<Registered> {
  for (let race = 0; ; race++) {
    try {
      return await db.transaction().execute((trx) => register(trx, given));
    } catch (error) {
      if (!(error instanceof Raced) || race >= RACES_MAX) throw error;
    }
  }
}

async function register(trx: Transaction, given: Registration): Promise<Registered> {
  const claimed = await readClaim(trx, given);
  const known = await readKnown(trx, given);
  if (known) {
    if (claimed !== null) await claimPlace(trx, given, known, claimed);
    await addSighting(trx, given);
    const restored = await restorePhoto(trx, given.organisationId, given.photo.sha256);
    return { ...known, state: restored ?? known.state, created: false };
  }
  const photo = await addPhoto(trx, given, claimed);
  await addSighting(trx, given);
  return photo;
}

async function readClaim(trx: Transaction, given: Registration): Promise<string | null> {
  const claim = given.sighting.place;
  if (claim === null) return null;
  const found = await findClaimed(trx, given.organisationId, claim);
  if (found === null && given.strictPlace) {
    const field = claim.location_id === undefined ? 'location_code' : 'location_id';
    throw new AppError('NOT_FOUND', 'There is no such place.', {
      field,
      hint: 'Name the id or code of a storage location that is not retired.',
    });
  }
  return found;
}

interface Known extends Registered {
  readonly locationId: string | null;
  readonly locationCode: string | null;
}

async function readKnown(trx: Transaction, given: Registration): Promise<Known | null> {
  const row = await trx
    .selectFrom('photos as p')
    .leftJoin('storage_locations as l', (join) =>
      join
        .onRef('l.organisation_id', '=', 'p.organisation_id')
        .onRef('l.id', '=', 'p.storage_location_id'),
    )
    .select(['p.state', 'p.received_at', 'p.size_bytes', 'p.object_key', 'l.id', 'l.code'])
    .where('p.organisation_id', '=', given.organisationId)
    .where('p.sha256', '=', given.photo.sha256)
    .executeTakeFirst();
  if (!row) return null;
  return {
    created: false,
    state: row.state,
    receivedAt: row.received_at,
    sizeBytes: row.size_bytes,
    objectKey: row.object_key,
    locationId: row.id,
    locationCode: row.code,
  };
}

/** A photo that waits for its place gets the one named; a photo that has one keeps it. */
async function claimPlace(
  trx: Transaction,
  given: Registration,
  known: Known,
  claimed: string,
): Promise<void> {
  const { organisationId, photo, strictPlace } = given;
  if (known.locationId === claimed) return;
  if (known.locationId === null) {
    const { sha256 } = photo;
    await placePhoto(trx, {
      organisationId,
      sha256,
      locationId: claimed,
      source: 'explicit',
    });
    return;
  }
  if (!strictPlace) return;
  throw new AppError('LOCATION_CONFLICT', `The photo is known, at ${known.locationCode}.`, {
    field: 'location_code',
    details: { location_id: known.locationId, location_code: known.locationCode },
  });
}

async function addPhoto(
  trx: Transaction,
  given: Registration,
  claimed: string | null,
): Promise<Registered> {
  const { organisationId, photo, sighting } = given;
  const decision = await findPlace(trx, {
    organisationId,
    position: photo.position,
    ...(claimed === null ? {} : { explicit: claimed }),
    ...(sighting.edgeId && sighting.camera
      ? { camera: { edgeId: sighting.edgeId, code: sighting.camera } }
      : {}),
  });
  const locationId = decision.place?.locationId ?? null;
  const runId = photo.fault === null ? newId() : null;
  const photoSessionId = newId();
  await trx
    .insertInto('photo_sessions')
    .values({
      organisation_id: organisationId,
      id: photoSessionId,
      state: runId === null ? 'failed' : 'pending',
      storage_location_id: locationId,
      current_run_id: runId,
      error_code: photo.fault === null ? null : 'UNDECODABLE_PHOTO',
      error_message: photo.fault,
    })
    .execute();
  const row = await insertPhoto(trx, given, { photoSessionId, decision });
  if (runId !== null) await addRuns(trx, given, runId);
  return { ...row, created: true };
}

async function insertPhoto(
  trx: Transaction,
  { organisationId, photo, sighting }: Registration,
  { photoSessionId, decision }: { photoSessionId: string; decision: PlaceDecision },
): Promise<Omit<Registered, 'created'>> {
  const { place, candidates } = decision;
  const { position } = photo;
  const timezone = place && (await readTimezone(trx, organisationId, place.locationId));
  // The photo's own EXIF first: the core reads it itself; then what edge or person said.
  const own = photo.metadata;
  const isOwn = (own.captured_at ?? own.captured_at_local) !== null;
  const time = isOwn ? own : sighting.capturedAt;
  const source = isOwn ? 'exif' : sighting.capturedAtSource;
  const row = await trx
    .insertInto('photos')
    .values({
      organisation_id: organisationId,
      sha256: photo.sha256,
      photo_session_id: photoSessionId,
      state: photo.fault === null ? 'stored' : 'quarantined',
      quarantine_reason: photo.fault,
      size_bytes: photo.sizeBytes,
      media_type: photo.mediaType,
      width: photo.width,
      height: photo.height,
      object_key: photo.objectKey,
      storage_location_id: place?.locationId ?? null,
      location_source: place?.source ?? null,
      location_candidates: toCandidatesJson(candidates),
      position:
        position &&
        sql<string>`ST_SetSRID(ST_MakePoint(${position.longitude}::float8,
          ${position.latitude}::float8), 4326)`,
      position_accuracy_m: position?.accuracyM ?? null,
      ...toCaptureColumns(time, source, { timezone, boxTime: sighting.boxTime }),
      exif: JSON.stringify({ ...own, ...time }),
    })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'sha256']).doNothing())
    .returning(['state', 'received_at', 'size_bytes', 'object_key'])
    .executeTakeFirst();
  if (!row) throw new Raced();
  return {
    state: row.state,
    receivedAt: row.received_at,
    sizeBytes: row.size_bytes,
    objectKey: row.object_key,
  };
}

/** The run that the session shows; under a rollout the other pipeline's too, beside it. */
async function addRuns(trx: Transaction, given: Registration, runId: string): Promise<void> {
  const { organisationId, photo, sighting, pipeline, rollout } = given;
  const acceptedMs = sighting.boxTime?.trueMs ?? sighting.acceptedAt.getTime();
  const isBacklog = Date.now() - acceptedMs > BACKLOG_AGE_MS;
  const lane = isBacklog ? LANE_BACKLOG : LANE_LIVE;
  const site = sighting.edgeId ?? 'direct';
  if (rollout === undefined || !(await holdPhase(trx, organisationId, rollout))) {
    const current = rollout?.stable ?? pipeline;
    return await addRun(trx, given, { runId, pipeline: current, lane, site, beside: false });
  }
  const { stable, candidate, phase } = rollout;
  const [current, other] = phase === 'canary' ? [candidate, stable] : [stable, candidate];
  const besideId = newId();
  await addRun(trx, given, { runId, pipeline: current, lane, site, beside: false });
  await addRun(trx, given, {
    runId: besideId,
    pipeline: other,
    lane: LANE_BULK,
    site: ROLLOUT_SITE,
    beside: true,
  });
  await trx
    .insertInto('rollout_photos')
    .values({
      organisation_id: organisationId,
      rollout_id: rollout.id,
      sha256: photo.sha256,
      phase,
      stable_run_id: phase === 'canary' ? besideId : runId,
      candidate_run_id: phase === 'canary' ? runId : besideId,
    })
    .execute();
}

interface NewRun {
  readonly runId: string;
  readonly pipeline: ActivePipeline;
  readonly lane: number;
  readonly site: string;
  readonly beside: boolean;
}

async function addRun(
  trx: Transaction,
  { organisationId, photo, sighting }: Registration,
  { runId, pipeline, lane, site, beside }: NewRun,
): Promise<void> {
  await trx
    .insertInto('runs')
    .values({
      organisation_id: organisationId,
      id: runId,
      sha256: photo.sha256,
      pipeline_digest: pipeline.digest,
      state: 'waiting',
      beside,
      // In milliseconds: it is the partition key of the detections, and is read back as a Date.
      created_at: new Date(),
    })
    .execute();
  await trx
    .insertInto('run_queue')
    .values({
      organisation_id: organisationId,
      run_id: runId,
      lane,
      site,
      correlation_id: sighting.correlationId,
      traceparent: sighting.traceparent,
    })
    .execute();
}

async function addSighting(trx: Transaction, given: Registration): Promise<void> {
  const { organisationId, photo, sighting } = given;
  const added = await trx
    .insertInto('sightings')
    .values({
      organisation_id: organisationId,
      id: newId(),
      sha256: photo.sha256,
      source: sighting.source,
      source_key: sighting.sourceKey,
      edge_id: sighting.edgeId,
      camera: sighting.camera,
      boot_id: sighting.bootId,
      sequence: sighting.sequence,
      monotonic_ms: sighting.monotonicMs,
      file_name: sighting.fileName,
      boot_number: sighting.bootNumber,
      clock_offset_ms: sighting.boxTime?.offsetMs ?? null,
      ...toCaptureColumns(sighting.capturedAt, sighting.capturedAtSource, {
        timezone: null,
        boxTime: sighting.boxTime,
      }),
      captured_at_source: sighting.capturedAtSource,
      accepted_at: sighting.acceptedAt,
      place: sighting.place && JSON.stringify(sighting.place),
      verdict: sighting.verdict === null ? null : JSON.stringify(sighting.verdict),
      recovered: sighting.recovered ?? false,
      uploaded_by: sighting.uploadedBy,
      correlation_id: sighting.correlationId,
      traceparent: sighting.traceparent,
    })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'source_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added) return;
  const first = await trx
    .selectFrom('sightings')
    .select('sha256')
    .where('organisation_id', '=', organisationId)
    .where('source_key', '=', sighting.sourceKey)
    .executeTakeFirstOrThrow();
  if (first.sha256.equals(photo.sha256)) return;
  throw new AppError('CONFLICT', 'This sighting was registered with another photo.', {
    field: 'sighting.id',
    hint: 'A sighting belongs to one photo; give this one an id of its own.',
  });
}
