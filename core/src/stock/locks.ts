import { AppError } from '@demeter/common/errors';
import type { Transaction } from '../db/database.ts';

/**
 * Locks are taken in this order, so that two transactions never wait for each other:
 * photo session → place → batches by id → proposals.
 */

export interface LockedPlace {
  readonly id: string;
  readonly code: string;
  readonly timezone: string;
  readonly retired: boolean;
}

/**
 * Locks a place, so that of two first counts only one makes a batch. Rows that refer to it can
 * still be written. Throws NOT_FOUND.
 */
export async function lockPlace(
  trx: Transaction,
  organisationId: string,
  locationId: string,
): Promise<LockedPlace> {
  const place = await trx
    .selectFrom('storage_locations as l')
    .innerJoin('storage_areas as a', (join) =>
      join
        .onRef('a.organisation_id', '=', 'l.organisation_id')
        .onRef('a.id', '=', 'l.storage_area_id'),
    )
    .innerJoin('warehouses as w', (join) =>
      join
        .onRef('w.organisation_id', '=', 'a.organisation_id')
        .onRef('w.id', '=', 'a.warehouse_id'),
    )
    .select(['l.id', 'l.code', 'w.timezone'])
    .select((select) => select('l.retired_at', 'is not', null).$castTo<boolean>().as('retired'))
    .where('l.organisation_id', '=', organisationId)
    .where('l.id', '=', locationId)
    .forNoKeyUpdate(['l'])
    .executeTakeFirst();
  if (place) return place;
  throw new AppError('NOT_FOUND', 'There is no such storage location.', { field: 'location_id' });
}

/** The same for a person who brings plants there: not to a place that is retired. Throws NOT_FOUND. */
export async function lockOpenPlace(
  trx: Transaction,
  organisationId: string,
  locationId: string,
): Promise<LockedPlace> {
  const place = await lockPlace(trx, organisationId, locationId);
  if (!place.retired) return place;
  throw new AppError('NOT_FOUND', `${place.code} is retired.`, { field: 'location_id' });
}

export interface LockedBatch {
  readonly id: string;
  readonly code: string;
  readonly storage_location_id: string;
  readonly product_id: string;
  readonly product_state_id: string | null;
  readonly product_size_id: string | null;
  readonly packaging_id: string | null;
  readonly quantity_current: number;
}

/** Locks batches in the order of their ids. Throws NOT_FOUND if one is missing. */
export async function lockBatches(
  trx: Transaction,
  organisationId: string,
  ids: readonly string[],
): Promise<LockedBatch[]> {
  const batches = await trx
    .selectFrom('stock_batches')
    .select([
      'id',
      'code',
      'storage_location_id',
      'product_id',
      'product_state_id',
      'product_size_id',
      'packaging_id',
      'quantity_current',
    ])
    .where('organisation_id', '=', organisationId)
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  if (batches.length === new Set(ids).size) return batches;
  throw new AppError('NOT_FOUND', 'There is no such batch.', { field: 'batch_id' });
}
