import type { Transaction } from '../db/database.ts';

/** The box's key of now, if it has one, is never taken again. */
export async function endKeys(
  trx: Transaction,
  { organisationId, edgeId }: { readonly organisationId: string; readonly edgeId: string },
  now: Date,
): Promise<void> {
  await trx
    .updateTable('edge_keys')
    .set({ ended_at: now })
    .where('organisation_id', '=', organisationId)
    .where('edge_id', '=', edgeId)
    .where('ended_at', 'is', null)
    .execute();
}
