import { sql } from 'kysely';
import type { Transaction } from '../db/database.ts';
import { LANE_BULK } from '../queue/lanes.ts';
import type { ReprocessingRow } from './reprocessing.ts';

/** Whose turn it is in the queue: bulk works take turns with each other. */
export function siteOf(row: Pick<ReprocessingRow, 'id'>): string {
  return `reprocess:${row.id}`;
}

/** Takes its runs out of the queue; those that are being made go on. */
export async function unqueue(trx: Transaction, row: ReprocessingRow): Promise<void> {
  await sql`
    delete from run_queue
     where organisation_id = ${row.organisation_id} and lane = ${LANE_BULK}
       and site = ${siteOf(row)} and leased_by is null`.execute(trx);
}

/** Puts runs into the bulk lane; one that is queued already stays where it is. */
export async function enqueue(
  trx: Transaction,
  row: ReprocessingRow,
  runIds: readonly string[],
): Promise<void> {
  if (runIds.length === 0) return;
  await sql`
    insert into run_queue (organisation_id, run_id, lane, site, correlation_id)
    select ${row.organisation_id}, run_id, ${LANE_BULK}, ${siteOf(row)}, ${row.id}
      from unnest(${runIds}::uuid[]) as given (run_id)
        on conflict do nothing`.execute(trx);
  await sql`
    update runs set state = 'waiting', completed_at = null
     where organisation_id = ${row.organisation_id} and id = any (${runIds}::uuid[])
       and state = 'failed'`.execute(trx);
}

/**
 * Forgets the photos that are not done, and withdraws the runs that were made for them alone and
 * are not being made: `failed` without a try, or set aside again. What is being made goes on, and
 * stands beside like any other run.
 */
export async function dropWaiting(trx: Transaction, row: ReprocessingRow): Promise<void> {
  const { organisation_id: organisationId, id } = row;
  await sql`
    with dropped as (
      delete from reprocessing_items
       where organisation_id = ${organisationId} and reprocessing_id = ${id} and position is null
      returning organisation_id, run_id
    )
    update runs r
       set completed_at = now(), state = case when exists (
             select 1 from run_attempts a
              where a.organisation_id = r.organisation_id and a.run_id = r.id)
             then 'quarantined' else 'failed' end
      from dropped d
     where r.organisation_id = d.organisation_id and r.id = d.run_id
       and r.state = 'waiting' and r.beside
       and not exists (select 1 from run_queue q
                        where q.organisation_id = r.organisation_id and q.run_id = r.id)
       and not exists (select 1 from reprocessing_items i
                        where i.organisation_id = r.organisation_id and i.run_id = r.id
                          and i.reprocessing_id <> ${id} and i.position is null)`.execute(trx);
}
