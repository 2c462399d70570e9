import type { Result__Output } from '@demeter/proto';
import { sql } from 'kysely';
import type { Database, Transaction } from '../db/database.ts';
import type { Position } from '../photos/metadata.ts';
import { lockSession } from '../photos/place-photo.ts';
import { findPlace, findTagged, setPlace } from '../photos/place-queries.ts';
import { type LeasedRun, settle } from '../queue/lease.ts';
import { type BookingOutcome, bookCount } from '../stock/book-count.ts';
import { type Count, toCount } from './count.ts';
import { insertDetections } from './detections.ts';

export interface Completed {
  readonly detected: number;
  /** Null: another run is the session's current one, or the session is gone. */
  readonly booking: BookingOutcome | null;
}

/**
 * Writes what a server answered: run, detections, counts, the place that tags in the photo name,
 * and the booking, in one transaction. Null: the lease is no longer ours and nothing was written.
 * Throws INFERENCE_FAILED where the answer does not agree with itself.
 */
export async function completeRun(
  db: Database,
  run: LeasedRun,
  answer: { readonly result: Result__Output; readonly tags: readonly string[] | null },
): Promise<Completed | null> {
  const { result, tags } = answer;
  const count = toCount(result);
  return await db.transaction().execute(async (trx) => {
    if (!(await settle(trx, run))) return null;
    const photo = { organisationId: run.organisation_id, sha256: run.sha256 };
    const session = await lockSession(trx, photo);
    if (!(await writeRun(trx, run, result, count))) return null;
    const isCurrent = !run.beside && (await writeSession(trx, run, count));
    if (!session || !isCurrent) return { detected: count.detected, booking: null };
    if (tags !== null && tags.length > 0) await placeByTags(trx, run, session.id, tags);
    const booking = await bookCount(trx, {
      organisationId: run.organisation_id,
      photoSessionId: session.id,
    });
    return { detected: count.detected, booking };
  });
}

/** False: the run has its result already, and keeps it. */
async function writeRun(
  trx: Transaction,
  run: LeasedRun,
  result: Result__Output,
  count: Count,
): Promise<boolean> {
  const updated = await trx
    .updateTable('runs')
    .set({
      state: 'completed',
      detected: count.detected,
      counts: JSON.stringify(count.counts),
      capped: result.capped,
      counted_long_side_px: result.counted_long_side_px,
      tiles: result.tiles,
      timings: JSON.stringify(result.timings ?? {}),
      provider: result.provider,
      server_id: result.server_id,
      completed_at: sql<Date>`clock_timestamp()`,
    })
    .where('organisation_id', '=', run.organisation_id)
    .where('id', '=', run.run_id)
    .where('state', '<>', 'completed')
    .returning('id')
    .execute();
  if (updated.length === 0) return false;
  const ref = { organisationId: run.organisation_id, runId: run.run_id };
  const written = await insertDetections(trx, ref, count);
  // Sums agree or nothing is written.
  if (written !== count.detected) {
    throw new Error(`run ${run.run_id}: ${written} of ${count.detected} detections written`);
  }
  await trx
    .updateTable('photos')
    .set({ width: result.width, height: result.height })
    .where('organisation_id', '=', run.organisation_id)
    .where('sha256', '=', run.sha256)
    .execute();
  return true;
}

/** True: the run is the one that the session shows. */
async function writeSession(trx: Transaction, run: LeasedRun, count: Count): Promise<boolean> {
  const updated = await trx
    .updateTable('photo_sessions')
    .set({
      detected: count.detected,
      error_code: null,
      error_message: null,
      updated_at: sql<Date>`now()`,
    })
    .where('organisation_id', '=', run.organisation_id)
    .where('current_run_id', '=', run.run_id)
    .returning('id')
    .execute();
  return updated.length > 0;
}

interface Found {
  readonly location_source: string | null;
  readonly longitude: number | null;
  readonly latitude: number | null;
  readonly accuracy: number | null;
  readonly edge_id: string | null;
  readonly camera: string | null;
}

/** A tag says more than camera and GPS; what a person named stays. */
async function placeByTags(
  trx: Transaction,
  run: LeasedRun,
  photoSessionId: string,
  texts: readonly string[],
): Promise<void> {
  const { organisation_id: organisationId, sha256 } = run;
  const tags = await findTagged(trx, organisationId, texts);
  if (tags.length === 0) return;
  const { rows } = await sql<Found>`
    select p.location_source, ST_X(p.position) as longitude, ST_Y(p.position) as latitude,
           p.position_accuracy_m as accuracy, s.edge_id, s.camera
      from photos p left join lateral (
        select edge_id, camera from sightings
         where organisation_id = p.organisation_id and sha256 = p.sha256 and edge_id is not null
         order by id limit 1) s on true
     where p.organisation_id = ${organisationId} and p.sha256 = ${sha256}`.execute(trx);
  const [photo] = rows;
  if (!photo || photo.location_source === 'explicit' || photo.location_source === 'person') return;
  const decision = await findPlace(trx, {
    organisationId,
    tags,
    position: toPosition(photo),
    ...(photo.edge_id && photo.camera
      ? { camera: { edgeId: photo.edge_id, code: photo.camera } }
      : {}),
  });
  await setPlace(trx, { organisationId, sha256, photoSessionId, ...decision });
}

function toPosition({ longitude, latitude, accuracy }: Found): Position | null {
  if (longitude === null || latitude === null) return null;
  return { longitude, latitude, accuracyM: accuracy };
}
