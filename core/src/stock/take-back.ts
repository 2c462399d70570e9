import type { Transaction } from '../db/database.ts';
import type { CountedSession } from './counted-session.ts';
import { lockBatches } from './locks.ts';
import { writeMovement } from './write-movement.ts';

/**
 * A session whose place was corrected: what it booked elsewhere is taken back by
 * counter-movements, and its open proposals there end. Throws STOCK_BELOW_ZERO where those plants
 * have left since.
 */
export async function takeBackElsewhere(
  trx: Transaction,
  session: CountedSession,
  locationId: string,
): Promise<void> {
  const { organisationId, photoSessionId } = session;
  const movements = await trx
    .selectFrom('stock_movements as m')
    .innerJoin('stock_batches as b', (join) =>
      join
        .onRef('b.organisation_id', '=', 'm.organisation_id')
        .onRef('b.id', '=', 'm.stock_batch_id'),
    )
    .leftJoin('stock_movements as counter', (join) =>
      join
        .onRef('counter.organisation_id', '=', 'm.organisation_id')
        .onRef('counter.counter_of_id', '=', 'm.id'),
    )
    .select(['m.id', 'm.stock_batch_id', 'm.quantity'])
    .where('m.organisation_id', '=', organisationId)
    .where('m.photo_session_id', '=', photoSessionId)
    .where('m.counter_of_id', 'is', null)
    .where('counter.id', 'is', null)
    .where('b.storage_location_id', '!=', locationId)
    .orderBy('m.id')
    .execute();
  if (movements.length > 0) {
    const batches = [...new Set(movements.map((movement) => movement.stock_batch_id))];
    await lockBatches(trx, organisationId, batches);
  }
  for (const movement of movements) {
    await writeMovement(trx, {
      organisationId,
      batchId: movement.stock_batch_id,
      kind: 'adjustment',
      quantity: -movement.quantity,
      occurredAt: new Date(),
      createdBy: 'system',
      reason: 'The photo belongs to another place.',
      counterOfId: movement.id,
    });
  }
  await trx
    .updateTable('stock_proposals')
    .set({ state: 'superseded' })
    .where('organisation_id', '=', organisationId)
    .where('photo_session_id', '=', photoSessionId)
    .where('state', '=', 'open')
    .where('stock_batch_id', 'in', (select) =>
      select
        .selectFrom('stock_batches')
        .select('id')
        .where('organisation_id', '=', organisationId)
        .where('storage_location_id', '!=', locationId),
    )
    .execute();
  if (session.bookedLocationId === null || session.bookedLocationId === locationId) return;
  // This row marks a run as booked; should the photo come back, it is booked there anew.
  await trx
    .deleteFrom('classifications')
    .where('organisation_id', '=', organisationId)
    .where('run_id', '=', session.runId)
    .execute();
}
