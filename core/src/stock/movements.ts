import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { writeAudit } from '../audit.ts';
import type { UserPrincipal } from '../auth/principal.ts';
import type { Transaction } from '../db/database.ts';
import { insertBatch, settleConfig } from './batches.ts';
import { type LockedBatch, type LockedPlace, lockBatches, lockOpenPlace } from './locks.ts';
import { checkOccurredAt, checkReason, type ManualKind, signedQuantity } from './movement-rules.ts';
import { writeMovement } from './write-movement.ts';

export interface ManualMovement {
  readonly batch_id: string;
  readonly kind: ManualKind;
  /** Positive; an adjustment's may be negative. */
  readonly quantity: number;
  readonly reason?: string;
  readonly occurred_at?: Date;
  /** Where a transplant goes. */
  readonly to_location_id?: string;
}

/**
 * Writes what somebody did; answers the ids of the movements (two for a transplant, the leaving
 * one first). Throws ZERO_QUANTITY, INVALID_INPUT, NOT_FOUND, STOCK_BELOW_ZERO, PRODUCT_MISMATCH,
 * PACKAGING_MISMATCH.
 */
export async function recordMovement(
  trx: Transaction,
  principal: UserPrincipal,
  movement: ManualMovement,
  { now, key }: { readonly now: Date; readonly key?: string | undefined },
): Promise<string[]> {
  const { organisationId, actor } = principal;
  const occurredAt = movement.occurred_at ?? now;
  const quantity = signedQuantity(movement.kind, movement.quantity);
  checkOccurredAt(occurredAt, now);
  checkReason(movement.kind, movement.reason);
  const { to_location_id: toLocationId } = movement;
  if ((movement.kind === 'transplant') !== (toLocationId !== undefined)) {
    throw new AppError('INVALID_INPUT', 'A transplant, and only a transplant, says where to.', {
      field: 'to_location_id',
    });
  }
  const shared = {
    organisationId,
    occurredAt,
    createdBy: actor,
    reason: movement.reason ?? null,
  };
  if (toLocationId !== undefined) {
    return await transplant(trx, principal, { movement, toLocationId, quantity, shared, key });
  }
  await lockBatches(trx, organisationId, [movement.batch_id]);
  return [
    await writeMovement(trx, {
      ...shared,
      batchId: movement.batch_id,
      kind: movement.kind,
      quantity,
      requestKey: key,
    }),
  ];
}

interface Transplant {
  readonly movement: ManualMovement;
  readonly toLocationId: string;
  /** Negative: what leaves. */
  readonly quantity: number;
  readonly key: string | undefined;
  readonly shared: {
    readonly organisationId: string;
    readonly occurredAt: Date;
    readonly createdBy: string;
    readonly reason: string | null;
  };
}

/** Both halves or none. */
async function transplant(
  trx: Transaction,
  principal: UserPrincipal,
  { movement, toLocationId, quantity, shared, key }: Transplant,
): Promise<string[]> {
  const { organisationId } = principal;
  const place = await lockOpenPlace(trx, organisationId, toLocationId);
  const target = await findTarget(trx, organisationId, movement.batch_id, place);
  const ids = target === undefined ? [movement.batch_id] : [movement.batch_id, target];
  const source = (await lockBatches(trx, organisationId, ids)).find(
    (batch) => batch.id === movement.batch_id,
  ) as LockedBatch;
  if (source.storage_location_id === toLocationId) {
    throw new AppError('INVALID_INPUT', 'The plants are there already.', {
      field: 'to_location_id',
    });
  }
  await settleConfig(trx, principal, place.id, source);
  const batchId =
    target ??
    (await insertBatch(trx, {
      organisationId,
      place,
      kind: source,
      quantity: -quantity,
      at: shared.occurredAt,
    }));
  const transferId = newId();
  const half = { ...shared, kind: 'transplant' as const, transferId };
  return [
    await writeMovement(trx, { ...half, batchId: source.id, quantity, requestKey: key }),
    await writeMovement(trx, { ...half, batchId, quantity: -quantity }),
  ];
}

/** The newest batch at the place that is of the same kind as the one that plants leave. */
async function findTarget(
  trx: Transaction,
  organisationId: string,
  batchId: string,
  place: LockedPlace,
): Promise<string | undefined> {
  const target = await trx
    .selectFrom('stock_batches as s')
    .innerJoin('stock_batches as t', (join) =>
      join
        .onRef('t.organisation_id', '=', 's.organisation_id')
        .onRef('t.product_id', '=', 's.product_id')
        .on((on) =>
          on.and([
            on('t.packaging_id', 'is not distinct from', on.ref('s.packaging_id')),
            on('t.product_state_id', 'is not distinct from', on.ref('s.product_state_id')),
            on('t.product_size_id', 'is not distinct from', on.ref('s.product_size_id')),
          ]),
        ),
    )
    .select('t.id')
    .where('s.organisation_id', '=', organisationId)
    .where('s.id', '=', batchId)
    .where('t.storage_location_id', '=', place.id)
    .orderBy('t.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return target?.id;
}

/**
 * Takes a movement back by its opposite; of a transplant both halves. Answers the ids of the
 * counter-movements. Throws NOT_FOUND, CONFLICT (taken back already), STOCK_BELOW_ZERO.
 */
export async function takeBackMovement(
  trx: Transaction,
  principal: UserPrincipal,
  id: string,
  now: Date,
): Promise<string[]> {
  const { organisationId, actor } = principal;
  const movement = await trx
    .selectFrom('stock_movements')
    .select(['id', 'transfer_id', 'counter_of_id'])
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!movement) throw new AppError('NOT_FOUND', 'There is no such movement.', { field: 'id' });
  if (movement.counter_of_id !== null) {
    throw new AppError('CONFLICT', 'This movement itself takes another one back.', {
      hint: 'Write the movement again instead.',
    });
  }
  let query = trx
    .selectFrom('stock_movements')
    .select(['id', 'stock_batch_id', 'quantity', 'kind'])
    .where('organisation_id', '=', organisationId)
    .orderBy('id');
  query = movement.transfer_id
    ? query.where('transfer_id', '=', movement.transfer_id).where('counter_of_id', 'is', null)
    : query.where('id', '=', id);
  const parts = await query.execute();
  const batches = [...new Set(parts.map((part) => part.stock_batch_id))];
  await lockBatches(trx, organisationId, batches);
  await checkNotTakenBack(
    trx,
    organisationId,
    parts.map((part) => part.id),
  );
  const ids: string[] = [];
  for (const part of parts) {
    ids.push(
      await writeMovement(trx, {
        organisationId,
        batchId: part.stock_batch_id,
        kind: 'adjustment',
        quantity: -part.quantity,
        occurredAt: now,
        createdBy: actor,
        reason: `Takes back: ${part.kind}.`,
        counterOfId: part.id,
      }),
    );
  }
  await writeAudit(trx, {
    organisationId,
    actor,
    action: 'stock_movements.take_back',
    subjectType: 'stock_movements',
    subjectId: id,
    after: { counter_movements: ids },
  });
  return ids;
}

async function checkNotTakenBack(
  trx: Transaction,
  organisationId: string,
  ids: readonly string[],
): Promise<void> {
  const counter = await trx
    .selectFrom('stock_movements')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('counter_of_id', 'in', [...ids])
    .executeTakeFirst();
  if (counter) throw new AppError('CONFLICT', 'This movement was taken back already.');
}
