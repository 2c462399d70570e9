import { AppError } from '@demeter/common/errors';
import { writeAudit } from '../audit.ts';
import type { UserPrincipal } from '../auth/principal.ts';
import type { Transaction } from '../db/database.ts';
import { lockBatches } from './locks.ts';
import { writeMovement } from './write-movement.ts';

/**
 * Confirms or rejects a proposal. Confirmed, the batch changes by what the count differed from the
 * batch's quantity when it was counted: what moved since stays moved. Throws NOT_FOUND,
 * PROPOSAL_DECIDED, STOCK_BELOW_ZERO.
 */
export async function decideProposal(
  trx: Transaction,
  principal: UserPrincipal,
  id: string,
  decision: 'confirmed' | 'rejected',
  now: Date,
): Promise<void> {
  const { organisationId, actor } = principal;
  const proposal = await lockProposal(trx, organisationId, id);
  if (proposal.state !== 'open') {
    throw new AppError('PROPOSAL_DECIDED', `The proposal is ${proposal.state}.`, {
      details: { state: proposal.state },
    });
  }
  const difference = proposal.counted - proposal.current;
  const movementId =
    decision === 'rejected'
      ? null
      : await writeMovement(trx, {
          organisationId,
          batchId: proposal.stock_batch_id,
          kind: 'adjustment',
          quantity: difference,
          occurredAt: now,
          createdBy: actor,
          reason: `Counted ${proposal.counted} where ${proposal.current} stood.`,
          origin: {
            photoSessionId: proposal.photo_session_id,
            runId: proposal.run_id,
            sha256: proposal.sha256,
            pipelineDigest: proposal.pipeline_digest,
            configId: null,
          },
        });
  await trx
    .updateTable('stock_proposals')
    .set({ state: decision, decided_by: actor, decided_at: now, stock_movement_id: movementId })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
  await writeAudit(trx, {
    organisationId,
    actor,
    action: `stock_proposals.${decision}`,
    subjectType: 'stock_proposals',
    subjectId: id,
    after: { movement_id: movementId, difference },
  });
}

/** Locks the batch, then the proposal: the order of stock/locks.ts. */
async function lockProposal(trx: Transaction, organisationId: string, id: string) {
  const found = await trx
    .selectFrom('stock_proposals')
    .select('stock_batch_id')
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!found) throw new AppError('NOT_FOUND', 'There is no such proposal.', { field: 'id' });
  await lockBatches(trx, organisationId, [found.stock_batch_id]);
  return await trx
    .selectFrom('stock_proposals as o')
    .innerJoin('runs as r', (join) =>
      join.onRef('r.organisation_id', '=', 'o.organisation_id').onRef('r.id', '=', 'o.run_id'),
    )
    .select([
      'o.state',
      'o.counted',
      'o.current',
      'o.stock_batch_id',
      'o.photo_session_id',
      'o.run_id',
      'r.sha256',
      'r.pipeline_digest',
    ])
    .where('o.organisation_id', '=', organisationId)
    .where('o.id', '=', id)
    .forNoKeyUpdate(['o'])
    .executeTakeFirstOrThrow();
}
