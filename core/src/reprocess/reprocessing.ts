import { AppError } from '@demeter/common/errors';
import { isUuid } from '@demeter/common/ids';
import type { Reprocessing } from '@demeter/proto';
import { type Selectable, sql } from 'kysely';
import type { Handle, Transaction } from '../db/database.ts';
import type { Reprocessings } from '../db/schema.gen.ts';
import type { ChosenPhotos } from './chosen-photos.ts';
import type { Limits } from './limits.ts';

/** A row of `reprocessings`. */
export type ReprocessingRow = Omit<Selectable<Reprocessings>, 'limits' | 'chosen'> & {
  readonly limits: Limits;
  readonly chosen: ChosenPhotos | null;
};

export interface ReprocessingRef {
  readonly organisationId: string;
  readonly id: string;
}

/** Throws NOT_FOUND. */
export async function readReprocessing(db: Handle, ref: ReprocessingRef): Promise<ReprocessingRow> {
  const row = isUuid(ref.id)
    ? await db
        .selectFrom('reprocessings')
        .selectAll()
        .where('organisation_id', '=', ref.organisationId)
        .where('id', '=', ref.id)
        .executeTakeFirst()
    : undefined;
  if (row) return row as unknown as ReprocessingRow;
  throw new AppError('NOT_FOUND', 'There is no such reprocessing.', { field: 'reprocessing_id' });
}

/**
 * Locks a reprocessing: whatever changes it or its items does so under this lock, whichever core
 * it runs on. Throws NOT_FOUND.
 */
export async function lockReprocessing(
  trx: Transaction,
  ref: ReprocessingRef,
): Promise<ReprocessingRow> {
  if (isUuid(ref.id)) {
    await sql`select 1 from reprocessings where organisation_id = ${ref.organisationId}
      and id = ${ref.id} for update`.execute(trx);
  }
  return await readReprocessing(trx, ref);
}

/** The same without waiting: undefined where another core is at it, or it is gone. */
export async function tryLockReprocessing(
  trx: Transaction,
  ref: ReprocessingRef,
): Promise<ReprocessingRow | undefined> {
  const row = await trx
    .selectFrom('reprocessings')
    .selectAll()
    .where('organisation_id', '=', ref.organisationId)
    .where('id', '=', ref.id)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  return row as unknown as ReprocessingRow | undefined;
}

/** Newest first: their ids are ordered by time. */
export async function listReprocessings(
  db: Handle,
  organisationId: string,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<ReprocessingRow[]> {
  let query = db
    .selectFrom('reprocessings')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('id', 'desc')
    .limit(limit);
  if (after !== undefined) query = query.where('id', '<', after);
  return (await query.execute()) as unknown as ReprocessingRow[];
}

const STATES = {
  running: 'STATE_RUNNING',
  paused: 'STATE_PAUSED',
  completed: 'STATE_COMPLETED',
  cancelled: 'STATE_CANCELLED',
  promoting: 'STATE_PROMOTING',
  promoted: 'STATE_PROMOTED',
  discarded: 'STATE_DISCARDED',
} as const;

/** As clients see it. */
export function toMessage(row: ReprocessingRow): Reprocessing {
  return {
    reprocessing_id: row.id,
    name: row.name,
    state: STATES[row.state],
    reason: row.pause_reason ?? '',
    pipeline_digest: row.pipeline_digest,
    model: row.model,
    photos: row.photos,
    counted: row.counted,
    reused: row.reused,
    failed: row.failed,
    server_minutes: row.server_ms / 60_000,
    created_at: row.created_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? '',
    plants_before: row.plants_before,
    plants_after: row.plants_after,
  };
}
