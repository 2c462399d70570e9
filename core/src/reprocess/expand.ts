import { newId } from '@demeter/common/ids';
import { type RawBuilder, sql } from 'kysely';
import type { Transaction } from '../db/database.ts';
import { chosenConditions } from './chosen-photos.ts';
import type { ReprocessingRow } from './reprocessing.ts';
import { enqueue } from './waiting.ts';

/** Photos added in one step, and so rows of one transaction. */
export const CHUNK_PHOTOS = 200;
/** Photos looked at in one step, chosen or not. */
const WINDOW_PHOTOS = 5_000;

interface Picked {
  readonly sha256: Buffer;
  readonly in_store: boolean;
  readonly current_run_id: string | null;
  readonly detected: number | null;
}

interface Chunk {
  readonly photos: readonly Picked[];
  /** The cursor behind it. */
  readonly to: Buffer | null;
  readonly isLast: boolean;
}

export interface Expanded {
  readonly photos: number;
  readonly isLast: boolean;
}

/**
 * Moves the cursor over the next photos by hash and makes items, runs and queue rows for those
 * chosen: some hundred rows, whatever the number of photos. The caller holds the lock, and says how
 * many items there are.
 */
export async function expand(
  trx: Transaction,
  row: ReprocessingRow,
  items: number,
): Promise<Expanded> {
  const chunk = row.chosen === null ? await pickNamed(trx, row) : await pickChosen(trx, row);
  const { photos, to, isLast } = chunk;
  if (photos.length > 0) await addItems(trx, row, photos);
  await sql`
    update reprocessings
       set expanded_to = coalesce(${to}::bytea, expanded_to), expanded = ${isLast},
           -- What was planned may have gone or changed since; now it is known.
           photos = case when ${isLast} then ${items + photos.length}::bigint else photos end
     where organisation_id = ${row.organisation_id} and id = ${row.id}`.execute(trx);
  return { photos: photos.length, isLast };
}

/** The photos that a client has named. */
async function pickNamed(trx: Transaction, row: ReprocessingRow): Promise<Chunk> {
  const { rows: photos } = await sql<Picked>`
    select p.sha256, p.state in ('stored', 'quarantined') as in_store, s.current_run_id, s.detected
      from (select sha256 from reprocessing_plan_photos
             where organisation_id = ${row.organisation_id} and plan_id = ${row.plan_id}
               and ${behind(row, 'sha256')}
             order by sha256 limit ${CHUNK_PHOTOS}) named
      join photos p on p.organisation_id = ${row.organisation_id} and p.sha256 = named.sha256
      join photo_sessions s on s.organisation_id = p.organisation_id and s.id = p.photo_session_id
     order by p.sha256`.execute(trx);
  const isLast = photos.length < CHUNK_PHOTOS;
  return { photos, to: photos.at(-1)?.sha256 ?? null, isLast };
}

interface WindowRow extends Picked {
  /** Where the window ends; null: at the last photo. */
  readonly bound: Buffer | null;
}

/** Above every hash. */
const BEYOND = Buffer.alloc(33, 0xff);

/** The photos that the filter chooses, among the next ones of the organisation. */
async function pickChosen(trx: Transaction, row: ReprocessingRow): Promise<Chunk> {
  const conditions = [
    // Registered since: not part of it.
    sql`p.received_at < (select planned_at from reprocessings
      where organisation_id = ${row.organisation_id} and id = ${row.id})`,
    ...chosenConditions(row.chosen ?? {}),
  ];
  const { rows } = await sql<WindowRow>`
    with bound as materialized (
      select sha256 from photos
       where organisation_id = ${row.organisation_id} and ${behind(row, 'sha256')}
       order by sha256 offset ${WINDOW_PHOTOS - 1} limit 1
    ), picked as (
      select p.sha256, p.state in ('stored', 'quarantined') as in_store, s.current_run_id,
             s.detected
        from photos p join photo_sessions s
          on s.organisation_id = p.organisation_id and s.id = p.photo_session_id
       where p.organisation_id = ${row.organisation_id} and ${behind(row, 'p.sha256')}
         and p.sha256 <= coalesce((select sha256 from bound), ${BEYOND})
         and ${sql.join(conditions, sql` and `)}
       order by p.sha256 limit ${CHUNK_PHOTOS}
    )
    select picked.*, (select sha256 from bound) as bound
      from (select 1) as one left join picked on true
     order by picked.sha256`.execute(trx);
  const { bound } = rows[0]!;
  const photos = rows.filter((one) => one.sha256 !== null);
  const isFull = photos.length === CHUNK_PHOTOS;
  return {
    photos,
    to: isFull ? photos.at(-1)!.sha256 : bound,
    isLast: !isFull && bound === null,
  };
}

function behind(row: ReprocessingRow, column: string): RawBuilder<unknown> {
  return row.expanded_to === null ? sql`true` : sql`${sql.ref(column)} > ${row.expanded_to}`;
}

async function addItems(
  trx: Transaction,
  row: ReprocessingRow,
  photos: readonly Picked[],
): Promise<void> {
  const { organisation_id: organisationId, id, pipeline_digest: digest } = row;
  const inStore = photos.filter((photo) => photo.in_store);
  const made = await makeRuns(
    trx,
    row,
    inStore.map((photo) => photo.sha256),
  );
  await sql`
    insert into reprocessing_items (organisation_id, reprocessing_id, sha256, run_id, run_before,
                                    detected_before, outcome, error_code)
    select ${organisationId}, ${id}, given.sha256, r.id, given.run_before, given.detected_before,
           case when r.state = 'completed' then 'reused' when r.id is null then 'failed' end,
           case when r.id is null then 'PHOTO_NOT_IN_STORE' end
      from unnest(${photos.map((photo) => photo.sha256)}::bytea[],
                  ${photos.map((photo) => photo.in_store)}::boolean[],
                  ${photos.map((photo) => photo.current_run_id)}::uuid[],
                  ${photos.map((photo) => photo.detected)}::integer[])
             as given (sha256, in_store, run_before, detected_before)
      left join runs r on r.organisation_id = ${organisationId} and r.sha256 = given.sha256
                      and r.pipeline_digest = ${digest}
                      and (given.in_store or r.state = 'completed')`.execute(trx);
  await enqueue(trx, row, made);
}

/**
 * A run for each photo that has none of this pipeline, and another try for one that was set aside.
 * Answers those that are to be queued. A run that waits or is being made elsewhere is not touched:
 * its end is this photo's end, too.
 */
async function makeRuns(
  trx: Transaction,
  { organisation_id: organisationId, pipeline_digest: digest }: ReprocessingRow,
  sha256s: readonly Buffer[],
): Promise<string[]> {
  if (sha256s.length === 0) return [];
  const { rows: added } = await sql<{ id: string }>`
    insert into runs (organisation_id, id, sha256, pipeline_digest, state, created_at, beside)
    select ${organisationId}, given.id, given.sha256, ${digest}, 'waiting', ${new Date()}, true
      from unnest(${sha256s.map(() => newId())}::uuid[], ${sha256s}::bytea[])
             as given (id, sha256)
     order by given.sha256
        on conflict (organisation_id, sha256, pipeline_digest) do nothing
    returning id`.execute(trx);
  const { rows: again } = await sql<{ id: string }>`
    update runs set state = 'waiting', beside = true, started_at = null, completed_at = null
     where organisation_id = ${organisationId} and sha256 = any (${sha256s}::bytea[])
       and pipeline_digest = ${digest} and state in ('quarantined', 'failed')
    returning id`.execute(trx);
  return [...added, ...again].map((run) => run.id);
}
