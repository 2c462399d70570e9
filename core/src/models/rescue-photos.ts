import { sql } from 'kysely';
import type { Transaction } from '../db/database.ts';
import { LANE_LIVE } from '../queue/lanes.ts';
import { type BookingOutcome, bookCount } from '../stock/book-count.ts';

export interface Rescued {
  readonly sha256: Buffer;
  readonly booking: BookingOutcome | null;
}

interface RescuedRow {
  readonly sha256: Buffer;
  readonly session_id: string;
  readonly counted: boolean;
}

/**
 * Canary photos that the new version has not counted go back to the stable version's run: those it
 * failed on, and once it is rolled back those that still wait for it too. What it has counted
 * stands. In the caller's transaction.
 */
export async function rescuePhotos(
  trx: Transaction,
  organisationId: string,
  rollout: { readonly id: string; readonly rolledBack: boolean },
): Promise<Rescued[]> {
  // This is asked every few seconds for as long as a canary stands: a photo whose shown run failed
  // is set aside, and those are few.
  const setAside = sql`
    join photos f on f.organisation_id = p.organisation_id and f.sha256 = p.sha256
                 and f.state in ('quarantined', 'missing')`;
  const [among, lost] = rollout.rolledBack
    ? [sql``, sql`c.state <> 'completed'`]
    : [setAside, sql`c.state = 'quarantined'`];
  // Queue before session, as whoever completes a run does.
  await sql`
    select 1 from run_queue q
     where q.organisation_id = ${organisationId} and q.run_id in (
       select unnest(array[p.stable_run_id, p.candidate_run_id]) from rollout_photos p ${among}
        where p.organisation_id = ${organisationId} and p.rollout_id = ${rollout.id})
     order by q.run_id for update`.execute(trx);
  const { rows } = await sql<RescuedRow>`
    with lost as (
      select p.sha256, s.id as session_id, p.stable_run_id, p.candidate_run_id,
             r.state = 'completed' as counted, r.detected
        from rollout_photos p ${among}
        join runs c on c.organisation_id = p.organisation_id and c.id = p.candidate_run_id
        join runs r on r.organisation_id = p.organisation_id and r.id = p.stable_run_id
        join photo_sessions s on s.organisation_id = p.organisation_id
                             and s.current_run_id = p.candidate_run_id
       where p.organisation_id = ${organisationId} and p.rollout_id = ${rollout.id}
         and p.phase = 'canary' and ${lost} and r.state not in ('quarantined', 'failed')
       order by p.sha256
         for update of s, c, r
    ), shown as (
      update photo_sessions s
         set current_run_id = lost.stable_run_id, detected = lost.detected, state = 'processing',
             error_code = null, error_message = null, updated_at = now()
        from lost where s.organisation_id = ${organisationId} and s.id = lost.session_id
    ), swapped as (
      update runs r set beside = r.id = lost.candidate_run_id,
             state = case when r.id = lost.candidate_run_id then 'failed' else r.state end
        from lost
       where r.organisation_id = ${organisationId}
         and r.id in (lost.stable_run_id, lost.candidate_run_id)
    ), withdrawn as (
      delete from run_queue q using lost
       where q.organisation_id = ${organisationId} and q.run_id = lost.candidate_run_id
    ), urged as (
      -- An answer under way was asked for beside; its lease ends, and it is asked again.
      update run_queue q set lane = ${LANE_LIVE}, available_at = now(), leased_by = null,
             lease_id = null
        from lost where q.organisation_id = ${organisationId} and q.run_id = lost.stable_run_id
    ), kept as (
      update photos p set state = 'stored', quarantine_reason = null
        from lost
       where p.organisation_id = ${organisationId} and p.sha256 = lost.sha256
         and p.state = 'quarantined'
    )
    select sha256, session_id, counted from lost`.execute(trx);
  const rescued: Rescued[] = [];
  for (const { sha256, session_id: photoSessionId, counted } of rows) {
    const booking = counted ? await bookCount(trx, { organisationId, photoSessionId }) : null;
    rescued.push({ sha256, booking });
  }
  return rescued;
}

/** Takes a rolled-back version's own runs out of the queue: nobody waits for them any more. */
export async function withdrawRuns(
  trx: Transaction,
  organisationId: string,
  rolloutId: string,
): Promise<void> {
  await sql`
    with withdrawn as (
      delete from run_queue q using rollout_photos p, runs r
       where p.organisation_id = ${organisationId} and p.rollout_id = ${rolloutId}
         and r.organisation_id = p.organisation_id and r.id = p.candidate_run_id and r.beside
         and q.organisation_id = p.organisation_id and q.run_id = r.id
      returning q.run_id
    )
    update runs r set state = 'failed', completed_at = now() from withdrawn
     where r.organisation_id = ${organisationId} and r.id = withdrawn.run_id`.execute(trx);
}
