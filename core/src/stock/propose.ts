import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import type { Transaction } from '../db/database.ts';
import type { PlannedProposal } from './booking-plan.ts';
import type { CountedSession } from './counted-session.ts';

/**
 * Writes proposals; an open one of the same batch gives way to the newer photo. Where both photos
 * say when they were taken and this one is older (an edge that was offline), this one gives way.
 */
export async function writeProposals(
  trx: Transaction,
  session: CountedSession,
  proposals: readonly PlannedProposal[],
): Promise<void> {
  for (const proposal of proposals) {
    const stale = await isStale(trx, session, proposal.batchId);
    if (!stale) await supersede(trx, session.organisationId, proposal.batchId);
    const values = {
      counted: proposal.counted,
      current: proposal.current,
      state: stale ? ('superseded' as const) : ('open' as const),
    };
    await trx
      .insertInto('stock_proposals')
      .values({
        organisation_id: session.organisationId,
        id: newId(),
        photo_session_id: session.photoSessionId,
        run_id: session.runId,
        stock_batch_id: proposal.batchId,
        ...values,
      })
      // The photo was here before, was moved away and came back: its proposal is open again.
      .onConflict((conflict) =>
        conflict
          .columns(['organisation_id', 'photo_session_id', 'run_id', 'stock_batch_id'])
          .doUpdateSet(values)
          .where('stock_proposals.state', '=', 'superseded'),
      )
      .execute();
  }
}

async function supersede(trx: Transaction, organisationId: string, batchId: string): Promise<void> {
  await trx
    .updateTable('stock_proposals')
    .set({ state: 'superseded' })
    .where('organisation_id', '=', organisationId)
    .where('stock_batch_id', '=', batchId)
    .where('state', '=', 'open')
    .execute();
}

/** True where another count of this batch was taken later, as both photos say. */
async function isStale(
  trx: Transaction,
  { organisationId, capturedAt, photoSessionId }: CountedSession,
  batchId: string,
): Promise<boolean> {
  if (capturedAt === null) return false;
  const { rows } = await sql`
    select 1 from photos p
     where p.organisation_id = ${organisationId} and p.captured_at > ${capturedAt}
       and p.photo_session_id <> ${photoSessionId}
       and p.photo_session_id in (
         select photo_session_id from stock_proposals
          where organisation_id = ${organisationId} and stock_batch_id = ${batchId}
            and state in ('open', 'confirmed')
          union all
         select photo_session_id from stock_movements
          where organisation_id = ${organisationId} and stock_batch_id = ${batchId}
            and kind = 'photo')
     limit 1`.execute(trx);
  return rows.length > 0;
}
