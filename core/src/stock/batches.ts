import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import type { UserPrincipal } from '../auth/principal.ts';
import type { Transaction } from '../db/database.ts';
import { batchCodePrefix, nextBatchCode } from './batch-code.ts';
import { type LockedPlace, lockOpenPlace } from './locks.ts';
import { insertConfig, readPlaceConfig } from './place-config.ts';
import { writeMovement } from './write-movement.ts';

/** What a batch is of. */
export interface BatchKind {
  readonly product_id: string;
  readonly product_state_id?: string | null;
  readonly product_size_id?: string | null;
  readonly packaging_id?: string | null;
}

export interface ManualBatch extends BatchKind {
  readonly location_id: string;
  readonly quantity: number;
  readonly batch_code?: string;
}

/**
 * A batch that somebody counted by hand. It must be what the place is configured for; a place
 * without configuration is configured by it. Throws NOT_FOUND, ZERO_QUANTITY, PRODUCT_MISMATCH,
 * PACKAGING_MISMATCH, ALREADY_EXISTS (the code).
 */
export async function createManualBatch(
  trx: Transaction,
  principal: UserPrincipal,
  batch: ManualBatch,
  now: Date,
): Promise<string> {
  const { organisationId, actor } = principal;
  if (batch.quantity === 0) throw new AppError('ZERO_QUANTITY', 'A batch starts with plants.');
  const place = await lockOpenPlace(trx, organisationId, batch.location_id);
  await settleConfig(trx, principal, place.id, batch);
  const id = await insertBatch(trx, {
    organisationId,
    place,
    kind: batch,
    quantity: batch.quantity,
    at: now,
    ...(batch.batch_code === undefined ? {} : { code: batch.batch_code }),
  });
  await writeMovement(trx, {
    organisationId,
    batchId: id,
    kind: 'manual_init',
    quantity: batch.quantity,
    occurredAt: now,
    createdBy: actor,
  });
  return id;
}

/** What comes to a place must be what it is configured for; the first to come configures it. */
export async function settleConfig(
  trx: Transaction,
  { organisationId, actor }: UserPrincipal,
  locationId: string,
  kind: BatchKind,
): Promise<void> {
  const config = await readPlaceConfig(trx, organisationId, locationId);
  if (!config) {
    const { product_id, product_state_id, packaging_id } = kind;
    const values = { product_id, product_state_id: product_state_id ?? null };
    await insertConfig(trx, {
      organisationId,
      locationId,
      id: newId(),
      createdBy: actor,
      ...values,
      packaging_id: packaging_id ?? null,
    });
    return;
  }
  if (config.product_id !== kind.product_id) {
    throw new AppError('PRODUCT_MISMATCH', `The place is configured for ${config.sku}.`, {
      field: 'product_id',
      details: { configured_product_id: config.product_id },
    });
  }
  if (config.packaging_id !== null && config.packaging_id !== (kind.packaging_id ?? null)) {
    throw new AppError('PACKAGING_MISMATCH', 'The place is configured for another packaging.', {
      field: 'packaging_id',
      details: { configured_packaging_id: config.packaging_id },
    });
  }
}

export interface NewBatch {
  readonly organisationId: string;
  readonly place: LockedPlace;
  readonly kind: BatchKind;
  readonly quantity: number;
  readonly at: Date;
  /** Made from place, product and day where it is not given. */
  readonly code?: string;
}

/** An empty batch, to be filled by its first movement. Throws NOT_FOUND (the product). */
export async function insertBatch(trx: Transaction, batch: NewBatch): Promise<string> {
  const { organisationId, place, kind, at } = batch;
  const product = await trx
    .selectFrom('products')
    .select('sku')
    .where('organisation_id', '=', organisationId)
    .where('id', '=', kind.product_id)
    .executeTakeFirst();
  if (!product) {
    throw new AppError('NOT_FOUND', 'There is no such product.', { field: 'product_id' });
  }
  const { code: locationCode, timezone } = place;
  const prefix = batchCodePrefix({ locationCode, sku: product.sku, at, timezone });
  const id = newId();
  await trx
    .insertInto('stock_batches')
    .values({
      organisation_id: organisationId,
      id,
      code: batch.code ?? (await nextBatchCode(trx, organisationId, prefix)),
      storage_location_id: place.id,
      product_id: kind.product_id,
      product_state_id: kind.product_state_id ?? null,
      product_size_id: kind.product_size_id ?? null,
      packaging_id: kind.packaging_id ?? null,
      quantity_initial: batch.quantity,
    })
    .execute();
  return id;
}
