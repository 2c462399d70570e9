import { sql } from 'kysely';
import type { Transaction } from '../db/database.ts';
import { serverMs } from './plan.ts';
import type { ReprocessingRow } from './reprocessing.ts';

/** A photo of a reprocessing that is not done, with how its run stands. */
interface Waiting {
  readonly sha256: Buffer;
  readonly run_id: string | null;
  readonly detected_before: number | null;
  /** Known since the item was made: reused, or not in the store. */
  readonly outcome: 'counted' | 'reused' | 'failed' | null;
  readonly error_code: string | null;
  readonly state: string | null;
  readonly detected: number | null;
  readonly server_ms: number;
  readonly queued: boolean;
  readonly last_error: string | null;
  /** It was given another pipeline: no server held the models of this one any more. */
  readonly retargeted: boolean;
}

interface Done {
  readonly sha256: Buffer;
  readonly outcome: 'counted' | 'reused' | 'failed';
  readonly errorCode: string | null;
}

export interface Settled {
  /** Photos that are still not done. */
  readonly waiting: number;
  /** Runs that stand in no queue: taken out by a pause, or withdrawn when another was cancelled. */
  readonly unqueued: readonly string[];
  readonly done: number;
}

/**
 * Gives photos whose runs have ended their outcome and position, and adds them up. Looks at the
 * few hundred that are under way, in the caller's transaction, which holds the reprocessing's lock.
 */
export async function settle(trx: Transaction, row: ReprocessingRow): Promise<Settled> {
  const items = await readWaiting(trx, row);
  const done: Done[] = [];
  const sums = { counted: 0, reused: 0, failed: 0, serverMs: 0, before: 0, after: 0 };
  for (const item of items) {
    const ended = endOf(item);
    if (!ended) continue;
    done.push({ sha256: item.sha256, ...ended });
    sums[ended.outcome]++;
    if (ended.outcome === 'counted') sums.serverMs += item.server_ms;
    if (ended.outcome === 'failed') continue;
    sums.before += item.detected_before ?? 0;
    sums.after += item.detected ?? 0;
  }
  if (done.length > 0) await writeDone(trx, row, done, sums);
  const unqueued = items.flatMap((item) =>
    item.run_id !== null && !item.queued && (item.state === 'waiting' || isWithdrawn(item))
      ? [item.run_id]
      : [],
  );
  return { waiting: items.length - done.length, unqueued, done: done.length };
}

function endOf(item: Waiting): Pick<Done, 'outcome' | 'errorCode'> | undefined {
  if (item.outcome !== null) return { outcome: item.outcome, errorCode: item.error_code };
  if (item.retargeted) return { outcome: 'failed', errorCode: 'MODEL_UNAVAILABLE' };
  if (item.state === 'completed') return { outcome: 'counted', errorCode: null };
  if (isWithdrawn(item)) return undefined;
  if (item.state !== 'quarantined' && item.state !== 'failed') return undefined;
  return { outcome: 'failed', errorCode: item.last_error ?? 'INFERENCE_FAILED' };
}

/** Nobody has tried it. */
function isWithdrawn({ state, last_error: error }: Waiting): boolean {
  return state === 'failed' && error === null;
}

async function readWaiting(trx: Transaction, row: ReprocessingRow): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    select i.sha256, i.run_id, i.detected_before, i.outcome, i.error_code, r.state, r.detected,
           ${serverMs('r')} as server_ms, q.run_id is not null as queued,
           coalesce(r.pipeline_digest <> ${row.pipeline_digest}, false) as retargeted,
           case when r.state in ('quarantined', 'failed') then (
             select a.code from run_attempts a
              where a.organisation_id = r.organisation_id and a.run_id = r.id
              order by a.id desc limit 1) end as last_error
      from reprocessing_items i
      left join runs r on r.organisation_id = i.organisation_id and r.id = i.run_id
      left join run_queue q on q.organisation_id = i.organisation_id and q.run_id = i.run_id
     where i.organisation_id = ${row.organisation_id} and i.reprocessing_id = ${row.id}
       and i.position is null`.execute(trx);
  return rows;
}

interface Sums {
  readonly counted: number;
  readonly reused: number;
  readonly failed: number;
  readonly serverMs: number;
  readonly before: number;
  readonly after: number;
}

async function writeDone(
  trx: Transaction,
  row: ReprocessingRow,
  done: readonly Done[],
  sums: Sums,
): Promise<void> {
  const { organisation_id: organisationId, id } = row;
  const { rows } = await sql<{ position: number }>`
    update reprocessings
       set position = position + ${done.length}, counted = counted + ${sums.counted},
           reused = reused + ${sums.reused}, failed = failed + ${sums.failed},
           server_ms = server_ms + ${sums.serverMs},
           plants_before = plants_before + ${sums.before},
           plants_after = plants_after + ${sums.after}
     where organisation_id = ${organisationId} and id = ${id}
    returning position`.execute(trx);
  const first = rows[0]!.position - done.length + 1;
  await sql`
    update reprocessing_items i
       set position = ${first}::bigint + given.at - 1, outcome = given.outcome,
           error_code = given.error_code
      from unnest(${done.map((one) => one.sha256)}::bytea[],
                  ${done.map((one) => one.outcome)}::text[],
                  ${done.map((one) => one.errorCode)}::text[])
             with ordinality as given (sha256, outcome, error_code, at)
     where i.organisation_id = ${organisationId} and i.reprocessing_id = ${id}
       and i.sha256 = given.sha256`.execute(trx);
}
