import { sql } from 'kysely';
import type { Database, Transaction } from '../db/database.ts';
import { CHUNK_PHOTOS, expand } from './expand.ts';
import { pauseReason } from './limits.ts';
import {
  type ReprocessingRef,
  type ReprocessingRow,
  readReprocessing,
  tryLockReprocessing,
} from './reprocessing.ts';
import { settle } from './settle.ts';
import { enqueue, unqueue } from './waiting.ts';

/** Fewer photos under way than this, and more are added: enough for sixty servers. */
const WAITING_MIN = CHUNK_PHOTOS;

export interface Step {
  /** Photos came to the queue. */
  readonly queued: boolean;
  /** Photos are done, or its state is another. */
  readonly changed: boolean;
  /** There is more to do at once. */
  readonly again: boolean;
}

const NOTHING: Step = { queued: false, changed: false, again: false };

/**
 * One step of one reprocessing, in one short transaction: what has ended is added up, its limits
 * are looked at, and a few hundred more photos are queued where few are left. Any core may do it;
 * undefined: another one is at it.
 */
export async function step(
  db: Database,
  ref: ReprocessingRef,
  now: Date,
): Promise<Step | undefined> {
  return await db.transaction().execute(async (trx) => {
    const row = await tryLockReprocessing(trx, ref);
    if (!row) return undefined;
    if (row.state !== 'running' && row.state !== 'paused') return NOTHING;
    const { waiting, unqueued, done } = await settle(trx, row);
    const held = await holds(trx, ref, now);
    if (held) return { ...NOTHING, changed: done > 0 || held === 'now' };
    if (waiting === 0 && row.expanded) {
      await complete(trx, row);
      return { ...NOTHING, changed: true };
    }
    await enqueue(trx, row, unqueued);
    const isLow = waiting < WAITING_MIN && !row.expanded;
    const added = isLow ? await expand(trx, row, row.position + done + waiting) : undefined;
    return {
      queued: unqueued.length > 0 || (added?.photos ?? 0) > 0,
      changed: done > 0,
      again: added !== undefined,
    };
  });
}

/**
 * Pauses it where a limit says so, and lets it go on where its hours begin. Answers whether it is
 * paused: since now, or before.
 */
async function holds(
  trx: Transaction,
  ref: ReprocessingRef,
  now: Date,
): Promise<'now' | 'before' | undefined> {
  // Read again: what was settled has cost budget.
  const row = await readReprocessing(trx, ref);
  const isTimed = row.state === 'running' || row.pause_reason === 'hours';
  const { limits, server_ms: serverMs, server_ms_max: serverMsMax } = row;
  const reason = isTimed ? pauseReason(limits, { serverMs, serverMsMax, now }) : row.pause_reason;
  const isFinished = row.expanded && row.position >= row.photos;
  if (reason === null || (isTimed && isFinished)) {
    if (row.state === 'paused') await setState(trx, row, { state: 'running', reason: null });
    return undefined;
  }
  // Each time: what a server has handed back stands in the queue again.
  await unqueue(trx, row);
  const isNew = row.state === 'running' || row.pause_reason !== reason;
  if (isNew) await setState(trx, row, { state: 'paused', reason });
  return isNew ? 'now' : 'before';
}

async function setState(
  trx: Transaction,
  row: ReprocessingRow,
  { state, reason }: Pick<ReprocessingRow, 'state'> & { reason: ReprocessingRow['pause_reason'] },
): Promise<void> {
  await trx
    .updateTable('reprocessings')
    .set({ state, pause_reason: reason })
    .where('organisation_id', '=', row.organisation_id)
    .where('id', '=', row.id)
    .execute();
}

async function complete(trx: Transaction, row: ReprocessingRow): Promise<void> {
  await sql`
    update reprocessings set state = 'completed', pause_reason = null, ended_at = now()
     where organisation_id = ${row.organisation_id} and id = ${row.id}`.execute(trx);
}
