import { t } from 'elysia';
import { type RawBuilder, sql } from 'kysely';
import type { Handle } from '../db/database.ts';
import { Id, nullable, PackagingRef, ProductRef, Ref, shape, Time } from '../http/schemas.ts';

/** How stock is shown: shapes and the queries that fill them. */

export const Batch = shape('Batch', {
  id: Id,
  code: t.String(),
  location: Ref,
  product: ProductRef,
  packaging: nullable(PackagingRef),
  quantity_initial: t.Integer(),
  quantity_current: t.Integer(),
  created_at: Time,
});
export type Batch = typeof Batch.static;

export const Movement = shape('Movement', {
  id: Id,
  batch_id: Id,
  batch_code: t.String(),
  kind: t.String(),
  quantity: t.Integer({ description: 'Plants, with the sign that they change the batch by.' }),
  occurred_at: Time,
  reason: nullable(t.String()),
  created_by: t.String(),
  photo_id: nullable(t.String()),
  session_id: nullable(Id),
  run_id: nullable(Id),
  pipeline_digest: nullable(t.String()),
  transfer_id: nullable(Id),
  counter_of_id: nullable(Id),
  created_at: Time,
});
export type Movement = typeof Movement.static;

export const Proposal = shape('Proposal', {
  id: Id,
  batch: t.Object({ id: Id, code: t.String() }),
  location: Ref,
  photo_id: t.String(),
  counted: t.Integer(),
  current: t.Integer({ description: 'Of the batch when it was counted.' }),
  difference: t.Integer(),
  state: t.String(),
  created_at: Time,
  decided_by: nullable(t.String()),
  decided_at: nullable(Time),
});
export type Proposal = typeof Proposal.static;

export interface Selection {
  readonly organisationId: string;
  /** Further conditions, with the tables' short names (b, m, o). */
  readonly where: readonly RawBuilder<unknown>[];
  readonly limit: number;
}

const LOCATION = sql`json_build_object('id', l.id, 'code', l.code, 'name', l.name)`;

export async function readBatches(db: Handle, { organisationId, where, limit }: Selection) {
  const conditions = [sql`b.organisation_id = ${organisationId}`, ...where];
  const { rows } = await sql<Dated<Batch, 'created_at'>>`
    select b.id, b.code, ${LOCATION} as location,
           json_build_object('id', p.id, 'sku', p.sku, 'common_name', p.common_name) as product,
           case when k.id is null then null
             else json_build_object('id', k.id, 'sku', k.sku, 'name', k.name) end as packaging,
           b.quantity_initial, b.quantity_current, b.created_at
      from stock_batches b
      join storage_locations l
        on l.organisation_id = b.organisation_id and l.id = b.storage_location_id
      join products p on p.organisation_id = b.organisation_id and p.id = b.product_id
      left join packagings k on k.organisation_id = b.organisation_id and k.id = b.packaging_id
     where ${sql.join(conditions, sql` and `)}
     order by b.id desc limit ${limit}`.execute(db);
  return rows.map((row): Batch => ({ ...row, created_at: row.created_at.toISOString() }));
}

export async function readMovements(db: Handle, { organisationId, where, limit }: Selection) {
  const conditions = [sql`m.organisation_id = ${organisationId}`, ...where];
  const { rows } = await sql<Dated<Movement, 'created_at' | 'occurred_at'>>`
    select m.id, m.stock_batch_id as batch_id, b.code as batch_code, m.kind, m.quantity,
           m.occurred_at, m.reason, m.created_by, encode(m.photo_sha256, 'hex') as photo_id,
           m.photo_session_id as session_id, m.run_id,
           encode(m.pipeline_digest, 'hex') as pipeline_digest,
           m.transfer_id, m.counter_of_id, m.created_at
      from stock_movements m
      join stock_batches b on b.organisation_id = m.organisation_id and b.id = m.stock_batch_id
     where ${sql.join(conditions, sql` and `)}
     order by m.id desc limit ${limit}`.execute(db);
  return rows.map(
    (row): Movement => ({
      ...row,
      created_at: row.created_at.toISOString(),
      occurred_at: row.occurred_at.toISOString(),
    }),
  );
}

export async function readProposals(db: Handle, { organisationId, where, limit }: Selection) {
  const conditions = [sql`o.organisation_id = ${organisationId}`, ...where];
  const { rows } = await sql<Dated<Proposal, 'created_at'> & { decided_at: Date | null }>`
    select o.id, json_build_object('id', b.id, 'code', b.code) as batch, ${LOCATION} as location,
           encode(r.sha256, 'hex') as photo_id, o.counted, o.current,
           o.counted - o.current as difference, o.state, o.created_at, o.decided_by, o.decided_at
      from stock_proposals o
      join stock_batches b on b.organisation_id = o.organisation_id and b.id = o.stock_batch_id
      join storage_locations l
        on l.organisation_id = b.organisation_id and l.id = b.storage_location_id
      join runs r on r.organisation_id = o.organisation_id and r.id = o.run_id
     where ${sql.join(conditions, sql` and `)}
     order by o.id desc limit ${limit}`.execute(db);
  return rows.map(
    (row): Proposal => ({
      ...row,
      created_at: row.created_at.toISOString(),
      decided_at: row.decided_at?.toISOString() ?? null,
    }),
  );
}

/** A row as the database gives it: times are dates. */
type Dated<T, K extends keyof T> = Omit<T, K> & Readonly<Record<K, Date>>;
