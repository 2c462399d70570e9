import { sql } from 'kysely';
import type { Handle, Transaction } from '../db/database.ts';

/** What should stand at a place: the highest version counts. */
export interface PlaceConfig {
  readonly id: string;
  readonly version: number;
  readonly product_id: string;
  readonly sku: string;
  readonly product_state_id: string | null;
  readonly packaging_id: string | null;
}

export async function readPlaceConfig(
  db: Handle,
  organisationId: string,
  locationId: string,
): Promise<PlaceConfig | undefined> {
  return await db
    .selectFrom('storage_location_configs as c')
    .innerJoin('products as p', (join) =>
      join.onRef('p.organisation_id', '=', 'c.organisation_id').onRef('p.id', '=', 'c.product_id'),
    )
    .select(['c.id', 'c.version', 'c.product_id', 'p.sku', 'c.product_state_id', 'c.packaging_id'])
    .where('c.organisation_id', '=', organisationId)
    .where('c.storage_location_id', '=', locationId)
    .orderBy('c.version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export interface NewConfig {
  readonly organisationId: string;
  readonly locationId: string;
  readonly id: string;
  readonly createdBy: string;
  readonly product_id: string;
  readonly product_state_id?: string | null;
  readonly packaging_id?: string | null;
}

/** Inserts the next version; the caller holds the place's lock. */
export async function insertConfig(trx: Transaction, config: NewConfig): Promise<void> {
  const { organisationId, locationId } = config;
  await trx
    .insertInto('storage_location_configs')
    .values({
      organisation_id: organisationId,
      id: config.id,
      storage_location_id: locationId,
      version: sql<number>`1 + (select coalesce(max(version), 0) from storage_location_configs
        where organisation_id = ${organisationId} and storage_location_id = ${locationId})`,
      product_id: config.product_id,
      product_state_id: config.product_state_id ?? null,
      packaging_id: config.packaging_id ?? null,
      created_by: config.createdBy,
    })
    .execute();
}
