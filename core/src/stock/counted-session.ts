import type { Transaction } from '../db/database.ts';

/** A session whose current run is complete, locked for booking. */
export interface CountedSession {
  readonly organisationId: string;
  readonly photoSessionId: string;
  readonly locationId: string | null;
  readonly runId: string;
  readonly sha256: Buffer;
  readonly pipelineDigest: Buffer;
  /** Plants of the run: equal to its number of detections. */
  readonly detected: number;
  /** When the photo was taken, or received where it does not say or cannot be right. */
  readonly takenAt: Date;
  /** As the photo says; null where it does not. */
  readonly capturedAt: Date | null;
  /** Where this very run was booked before; null if nowhere. */
  readonly bookedLocationId: string | null;
}

const DAY_MS = 86_400_000;
/** A camera that lost its clock says 1980 or 2000; a photo older than this is not believed. */
const AGE_MAX_MS = 400 * DAY_MS;

/** Locks the session and checks that its numbers agree. Throws (INTERNAL) where they do not. */
export async function readCountedSession(
  trx: Transaction,
  organisationId: string,
  photoSessionId: string,
): Promise<CountedSession> {
  const session = await trx
    .selectFrom('photo_sessions')
    .select(['storage_location_id', 'current_run_id', 'detected'])
    .where('organisation_id', '=', organisationId)
    .where('id', '=', photoSessionId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const run = await trx
    .selectFrom('runs as r')
    .innerJoin('photos as p', (join) =>
      join.onRef('p.organisation_id', '=', 'r.organisation_id').onRef('p.sha256', '=', 'r.sha256'),
    )
    .leftJoin('classifications as k', (join) =>
      join.onRef('k.organisation_id', '=', 'r.organisation_id').onRef('k.run_id', '=', 'r.id'),
    )
    .leftJoin('storage_location_configs as c', (join) =>
      join
        .onRef('c.organisation_id', '=', 'k.organisation_id')
        .onRef('c.id', '=', 'k.storage_location_config_id'),
    )
    .select([
      'r.id',
      'r.state',
      'r.detected',
      'r.sha256',
      'r.pipeline_digest',
      'p.captured_at',
      'p.received_at',
      'c.storage_location_id as booked_location_id',
    ])
    .where('r.organisation_id', '=', organisationId)
    .where('r.id', '=', session.current_run_id)
    .executeTakeFirst();
  if (run?.state !== 'completed' || run.detected === null) {
    throw new Error(`session ${photoSessionId} has no completed run to book`);
  }
  const { count } = await trx
    .selectFrom('detections')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisationId)
    // Asked of the database: a Date would lose its microseconds.
    .where('run_created_at', '=', (select) =>
      select
        .selectFrom('runs')
        .select('created_at')
        .where('organisation_id', '=', organisationId)
        .where('id', '=', run.id),
    )
    .where('run_id', '=', run.id)
    .executeTakeFirstOrThrow();
  if (session.detected !== run.detected || count !== run.detected) {
    const numbers = `session ${session.detected}, run ${run.detected}, detections ${count}`;
    throw new Error(`the counts of session ${photoSessionId} disagree: ${numbers}`);
  }
  return {
    organisationId,
    photoSessionId,
    locationId: session.storage_location_id,
    runId: run.id,
    sha256: run.sha256,
    pipelineDigest: run.pipeline_digest,
    detected: run.detected,
    takenAt: believable(run.captured_at, run.received_at),
    capturedAt: run.captured_at,
    bookedLocationId: run.booked_location_id,
  };
}

/** The time of capture unless it is of the future or of a camera that lost its clock. */
export function believable(capturedAt: Date | null, receivedAt: Date): Date {
  if (capturedAt === null) return receivedAt;
  const age = receivedAt.getTime() - capturedAt.getTime();
  return age > -DAY_MS && age < AGE_MAX_MS ? capturedAt : receivedAt;
}
