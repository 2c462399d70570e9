import type { ErrorCode } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import type { Database, Transaction } from '../db/database.ts';
import { countFailure, type LeasedRun } from '../queue/lease.ts';

/** A photo that fails so often, each time on another server where there are several, is set aside. */
const ATTEMPTS_MAX = 3;

export interface RunFailure {
  readonly serverId: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** The photo itself is at fault: another server would say the same. */
  readonly final: boolean;
}

export type FailOutcome = 'again' | 'quarantined' | 'fenced';

/** Notes a failed try; the run is made again, or set aside with its errors and shown. */
export async function failRun(
  db: Database,
  run: LeasedRun,
  failure: RunFailure,
): Promise<FailOutcome> {
  return await db.transaction().execute(async (trx) => {
    const attempts = await countFailure(trx, run);
    if (attempts === null) return 'fenced';
    await trx
      .insertInto('run_attempts')
      .values({
        organisation_id: run.organisation_id,
        id: newId(),
        run_id: run.run_id,
        server_id: failure.serverId,
        code: failure.code,
        message: failure.message,
      })
      .execute();
    if (!failure.final && attempts < ATTEMPTS_MAX) {
      await showWaiting(trx, run);
      return 'again';
    }
    await quarantine(trx, run, failure);
    return 'quarantined';
  });
}

async function showWaiting(trx: Transaction, run: LeasedRun): Promise<void> {
  await trx
    .updateTable('runs')
    .set({ state: 'waiting' })
    .where('organisation_id', '=', run.organisation_id)
    .where('id', '=', run.run_id)
    .execute();
}

async function quarantine(trx: Transaction, run: LeasedRun, failure: RunFailure): Promise<void> {
  await trx
    .deleteFrom('run_queue')
    .where('organisation_id', '=', run.organisation_id)
    .where('run_id', '=', run.run_id)
    .execute();
  await trx
    .updateTable('runs')
    .set({ state: 'quarantined', completed_at: sql<Date>`now()` })
    .where('organisation_id', '=', run.organisation_id)
    .where('id', '=', run.run_id)
    .execute();
  // A run beside the current one says nothing of the photo.
  if (run.beside) return;
  const shown = await trx
    .updateTable('photo_sessions')
    .set({
      state: 'failed',
      error_code: failure.code,
      error_message: failure.message,
      updated_at: sql<Date>`now()`,
    })
    .where('organisation_id', '=', run.organisation_id)
    .where('current_run_id', '=', run.run_id)
    .returning('id')
    .execute();
  if (shown.length === 0) return;
  await trx
    .updateTable('photos')
    .set({ state: 'quarantined', quarantine_reason: failure.message })
    .where('organisation_id', '=', run.organisation_id)
    .where('sha256', '=', run.sha256)
    .where('state', '=', 'stored')
    .execute();
}

/**
 * Gives a run that nobody has begun the active pipeline, because no server holds the models of
 * its own any more. False: the photo has, or will have, a run of that pipeline already.
 */
export async function retargetRun(
  db: Database,
  run: LeasedRun,
  pipelineDigest: Buffer,
): Promise<boolean> {
  const { rows } = await sql`
    update runs r set pipeline_digest = ${pipelineDigest}
     where r.organisation_id = ${run.organisation_id} and r.id = ${run.run_id}
       and r.state in ('waiting', 'processing')
       and not exists (select 1 from runs other
                        where other.organisation_id = r.organisation_id
                          and other.sha256 = r.sha256
                          and other.pipeline_digest = ${pipelineDigest})
    returning r.id`.execute(db);
  return rows.length > 0;
}
