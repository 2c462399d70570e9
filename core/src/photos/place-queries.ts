import { sql } from 'kysely';
import type { Handle, Transaction } from '../db/database.ts';
import { type CaptureTime, toCapturedAt } from './captured-at.ts';
import type { Position } from './metadata.ts';
import {
  decidePlace,
  GPS_RADIUS_M,
  type GpsMatch,
  type LocationSource,
  type PlaceCandidate,
  type PlaceDecision,
} from './place-decision.ts';

/** What a caller says of the place. */
export interface PlaceClaim {
  readonly location_id?: string;
  readonly location_code?: string;
}

/** More candidates help nobody. */
const CANDIDATES_MAX = 10;
/** A device that reports a worse accuracy than this says nothing about beds. */
const ACCURACY_MAX_M = 500;

/** The id of a place that is named, unless it is retired; null: there is none. */
export async function findClaimed(
  db: Handle,
  organisationId: string,
  claim: PlaceClaim,
): Promise<string | null> {
  const row = await db
    .selectFrom('storage_locations')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('retired_at', 'is', null)
    .$if(claim.location_id !== undefined, (q) => q.where('id', '=', claim.location_id ?? ''))
    .$if(claim.location_code !== undefined, (q) => q.where('code', '=', claim.location_code ?? ''))
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Ids of the places whose codes are among `texts`. */
export async function findTagged(
  db: Handle,
  organisationId: string,
  texts: readonly string[],
): Promise<string[]> {
  if (texts.length === 0) return [];
  const rows = await db
    .selectFrom('storage_locations')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('retired_at', 'is', null)
    .where('code', 'in', [...texts])
    .orderBy('code')
    .execute();
  return rows.map((row) => row.id);
}

/** Places that contain the position, lie within 10 m of it, or within its reported accuracy. */
export async function findNear(
  db: Handle,
  organisationId: string,
  position: Position,
): Promise<GpsMatch[]> {
  const accuracyM = Math.min(position.accuracyM ?? 0, ACCURACY_MAX_M);
  const { rows } = await sql<GpsMatch>`
    with position as (
      select ST_SetSRID(ST_MakePoint(${position.longitude}::float8, ${position.latitude}::float8),
                        4326) as point
    )
    select id as "locationId", ST_Contains(geom, point) as "contains",
           ST_Distance(geom::geography, point::geography) as "distanceM"
      from storage_locations, position
     where organisation_id = ${organisationId} and retired_at is null
       and ST_DWithin(geom::geography, point::geography, ${Math.max(GPS_RADIUS_M, accuracyM)}::float8)
     order by 3, code limit ${CANDIDATES_MAX}`.execute(db);
  return rows;
}

export interface PlaceQuestion {
  readonly organisationId: string;
  readonly explicit?: string;
  readonly tags?: readonly string[];
  readonly camera?: { readonly edgeId: string; readonly code: string };
  readonly position: Position | null;
}

/** Gathers what speaks for a place, and decides. */
export async function findPlace(db: Handle, question: PlaceQuestion): Promise<PlaceDecision> {
  const { organisationId, explicit, tags, camera, position } = question;
  const cameraPlace = camera && (await findCameraPlace(db, organisationId, camera));
  const matches = position && (await findNear(db, organisationId, position));
  return decidePlace({
    ...(explicit === undefined ? {} : { explicit }),
    ...(tags === undefined ? {} : { tags }),
    ...(cameraPlace ? { camera: cameraPlace } : {}),
    ...(matches ? { gps: { matches, accuracyM: position?.accuracyM ?? null } } : {}),
  });
}

async function findCameraPlace(
  db: Handle,
  organisationId: string,
  camera: { readonly edgeId: string; readonly code: string },
): Promise<string | null> {
  const row = await db
    .selectFrom('cameras')
    .innerJoin('storage_locations as place', (join) =>
      join
        .onRef('place.organisation_id', '=', 'cameras.organisation_id')
        .onRef('place.id', '=', 'cameras.storage_location_id'),
    )
    .select('place.id')
    .where('cameras.organisation_id', '=', organisationId)
    .where('cameras.edge_id', '=', camera.edgeId)
    .where('cameras.code', '=', camera.code)
    .where('place.retired_at', 'is', null)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** IANA zone of a place's warehouse. */
export async function readTimezone(
  db: Handle,
  organisationId: string,
  locationId: string,
): Promise<string | null> {
  const row = await db
    .selectFrom('storage_locations as l')
    .innerJoin('storage_areas as a', (join) =>
      join
        .onRef('a.organisation_id', '=', 'l.organisation_id')
        .onRef('a.id', '=', 'l.storage_area_id'),
    )
    .innerJoin('warehouses as w', (join) =>
      join
        .onRef('w.organisation_id', '=', 'a.organisation_id')
        .onRef('w.id', '=', 'a.warehouse_id'),
    )
    .select('w.timezone')
    .where('l.organisation_id', '=', organisationId)
    .where('l.id', '=', locationId)
    .executeTakeFirst();
  return row?.timezone ?? null;
}

export interface PhotoPlace {
  readonly organisationId: string;
  readonly sha256: Buffer;
  readonly photoSessionId: string;
  readonly place: { readonly locationId: string; readonly source: LocationSource } | null;
  readonly candidates: readonly PlaceCandidate[];
}

/** Writes where a photo and its session are; a time without a zone is read in the place's. */
export async function setPlace(trx: Transaction, given: PhotoPlace): Promise<void> {
  const { organisationId, sha256, place } = given;
  const locationId = place?.locationId ?? null;
  const timezone = place && (await readTimezone(trx, organisationId, place.locationId));
  const { exif, captured_at_said: said } = await trx
    .selectFrom('photos')
    .select(['exif', 'captured_at_said'])
    .where('organisation_id', '=', organisationId)
    .where('sha256', '=', sha256)
    .executeTakeFirstOrThrow();
  const time = exif as unknown as CaptureTime | null;
  const isLocal = time?.captured_at === null && time.captured_at_local !== null;
  await trx
    .updateTable('photos')
    .set({
      storage_location_id: locationId,
      location_source: place?.source ?? null,
      location_candidates: toCandidatesJson(given.candidates),
      // What could not be stays so in any zone.
      ...(time && isLocal
        ? { [said ? 'captured_at_said' : 'captured_at']: toCapturedAt(time, timezone) }
        : {}),
    })
    .where('organisation_id', '=', organisationId)
    .where('sha256', '=', sha256)
    .execute();
  await trx
    .updateTable('photo_sessions')
    .set({ storage_location_id: locationId, updated_at: sql<Date>`now()` })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', given.photoSessionId)
    .execute();
}

/** As the column holds them. */
export function toCandidatesJson(candidates: readonly PlaceCandidate[]): string {
  return JSON.stringify(
    candidates.map(({ locationId, source, distanceM }) => ({
      storage_location_id: locationId,
      source,
      distance_m: distanceM === null ? null : Math.round(distanceM * 100) / 100,
    })),
  );
}
