import type { Logger } from '@demeter/common/logger';
import { sql } from 'kysely';
import type { Database, Handle, Transaction } from '../db/database.ts';
import { errorOf } from '../http/error-response.ts';
import { lockSession } from '../photos/place-photo.ts';
import { type BookingOutcome, bookCount } from '../stock/book-count.ts';
import { type ReprocessingRef, type ReprocessingRow, tryLockReprocessing } from './reprocessing.ts';

interface Item {
  readonly position: number;
  readonly sha256: Buffer;
  readonly run_id: string;
}

/** What became of the next photo of a reprocessing that is being promoted. */
export type Promoted =
  /** Nothing is left: it is promoted, or it was not to be. */
  | { readonly kind: 'finished' }
  /** Another core is at it. */
  | { readonly kind: 'busy' }
  | {
      readonly kind: 'photo';
      readonly sha256: Buffer;
      /** Null: it is current already, or stays as it was because it was refused. */
      readonly booking: BookingOutcome | null;
    };

/**
 * Promotes the next photo: one transaction under the reprocessing's lock with the cursor in it, so
 * that each is promoted once, whoever dies in between. One that the books refuse keeps its count.
 */
export async function promoteNext(
  db: Database,
  ref: ReprocessingRef,
  log: Logger,
): Promise<Promoted> {
  return await db.transaction().execute(async (trx) => {
    const row = await tryLockReprocessing(trx, ref);
    if (!row) return { kind: 'busy' };
    if (row.state !== 'promoting') return { kind: 'finished' };
    const item = await readNext(trx, row);
    if (!item) {
      await sql`update reprocessings set state = 'promoted'
        where organisation_id = ${ref.organisationId} and id = ${ref.id}`.execute(trx);
      return { kind: 'finished' };
    }
    await sql`savepoint photo`.execute(trx);
    let booking: BookingOutcome | null = null;
    let refused = 0;
    try {
      booking = await promotePhoto(trx, ref.organisationId, item);
    } catch (error) {
      const shown = errorOf(error);
      if (shown.code === 'DATABASE_UNAVAILABLE') throw error;
      await sql`rollback to savepoint photo`.execute(trx);
      refused = 1;
      log.warn({ err: error, sha256: item.sha256.toString('hex') }, 'a photo was not promoted');
    }
    const changed =
      booking?.state === 'completed' && ['baseline', 'proposal'].includes(booking.booked);
    await sql`
      update reprocessings
         set promoted_to = ${item.position}, refused = refused + ${refused},
             unchanged = unchanged + ${refused === 0 && !changed ? 1 : 0}
       where organisation_id = ${ref.organisationId} and id = ${ref.id}`.execute(trx);
    return { kind: 'photo', sha256: item.sha256, booking };
  });
}

async function readNext(trx: Transaction, row: ReprocessingRow): Promise<Item | undefined> {
  const { rows } = await sql<Item>`
    select position, sha256, run_id from reprocessing_items
     where organisation_id = ${row.organisation_id} and reprocessing_id = ${row.id}
       and position > ${row.promoted_to} and outcome <> 'failed'
     order by position limit 1`.execute(trx);
  return rows[0];
}

/** Makes a run the photo's current one, and books its count as any other. Null: it is that. */
async function promotePhoto(
  trx: Transaction,
  organisationId: string,
  { sha256, run_id: runId }: Item,
): Promise<BookingOutcome | null> {
  const session = await lockSession(trx, { organisationId, sha256 });
  if (!session) return null;
  const { rows } = await sql<{ current: boolean; detected: number }>`
    select s.current_run_id = r.id and s.state <> 'failed' as current, r.detected
      from photo_sessions s, runs r
     where s.organisation_id = ${organisationId} and s.id = ${session.id}
       and r.organisation_id = ${organisationId} and r.id = ${runId}`.execute(trx);
  const { current, detected } = rows[0]!;
  if (current) return null;
  // It is drawn from now on.
  await sql`update runs set beside = false
    where organisation_id = ${organisationId} and id = ${runId}`.execute(trx);
  await sql`
    update photo_sessions set current_run_id = ${runId}, detected = ${detected}, updated_at = now()
     where organisation_id = ${organisationId} and id = ${session.id}`.execute(trx);
  await sql`
    update photos set state = 'stored', quarantine_reason = null
     where organisation_id = ${organisationId} and sha256 = ${sha256}
       and state = 'quarantined'`.execute(trx);
  // What the old count proposed is no longer what this photo says.
  await sql`
    update stock_proposals set state = 'superseded'
     where organisation_id = ${organisationId} and photo_session_id = ${session.id}
       and run_id <> ${runId} and state = 'open'`.execute(trx);
  return await bookCount(trx, { organisationId, photoSessionId: session.id });
}

/** Adjustments of a promoted reprocessing that wait for a person. */
export async function countProposals(db: Handle, ref: ReprocessingRef): Promise<number> {
  const { rows } = await sql<{ proposals: number }>`
    select count(*) as proposals from stock_proposals o
     where o.organisation_id = ${ref.organisationId} and o.state = 'open'
       and exists (select 1 from reprocessing_items i
                    where i.organisation_id = o.organisation_id and i.run_id = o.run_id
                      and i.reprocessing_id = ${ref.id})`.execute(db);
  return rows[0]?.proposals ?? 0;
}
