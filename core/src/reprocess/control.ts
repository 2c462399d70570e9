import { AppError } from '@demeter/common/errors';
import { isUuid, newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import { writeAudit } from '../audit.ts';
import type { Database, Transaction } from '../db/database.ts';
import { type PipelineDefinition, pipelineDigest, titleOf } from '../pipelines/pipeline.ts';
import type { Limits } from './limits.ts';
import {
  lockReprocessing,
  type ReprocessingRef,
  type ReprocessingRow,
  readReprocessing,
} from './reprocessing.ts';
import { dropWaiting, unqueue } from './waiting.ts';

export interface Start {
  readonly organisationId: string;
  readonly planId: string;
  readonly name: string;
  readonly actor: string;
  readonly now: Date;
}

/**
 * Starts what was planned: a row with a cursor, whatever the number of photos. The same plan again
 * answers the same reprocessing. Throws NOT_FOUND (no such plan, or it has expired).
 */
export async function startReprocessing(db: Database, start: Start): Promise<ReprocessingRow> {
  const { organisationId, planId, actor } = start;
  if (!isUuid(planId)) throw noPlan();
  return await db.transaction().execute(async (trx) => {
    // Of two starts at once the second one waits here.
    const plan = await trx
      .selectFrom('reprocessing_plans')
      .selectAll()
      .where('organisation_id', '=', organisationId)
      .where('id', '=', planId)
      .forUpdate()
      .executeTakeFirst();
    const started = await findStarted(trx, organisationId, planId);
    if (started) return started;
    if (!plan || plan.photos === null || plan.expires_at <= start.now) throw noPlan();
    const definition = plan.definition as unknown as PipelineDefinition;
    const limits = plan.limits as unknown as Limits;
    const ref = { organisationId, id: newId() };
    const digest = pipelineDigest(definition);
    await keepPipeline(trx, organisationId, { digest, definition });
    await trx
      .insertInto('reprocessings')
      .values({
        organisation_id: organisationId,
        id: ref.id,
        plan_id: planId,
        name: start.name,
        state: 'running',
        pipeline_digest: digest,
        model: titleOf(definition),
        limits: JSON.stringify(limits),
        chosen: plan.chosen && JSON.stringify(plan.chosen),
        // Asked of the database: a Date would lose its microseconds.
        planned_at: sql<Date>`(select created_at from reprocessing_plans
          where organisation_id = ${organisationId} and id = ${planId})`,
        photos: plan.photos,
        server_ms_max:
          limits.serverMinutesMax === undefined ? null : limits.serverMinutesMax * 60_000,
        created_by: actor,
      })
      .execute();
    await audit(trx, ref, actor, 'start');
    return await readReprocessing(trx, ref);
  });
}

/** A pipeline that photos are counted with beside the active one: it is never activated by this. */
async function keepPipeline(
  trx: Transaction,
  organisationId: string,
  pipeline: { readonly digest: Buffer; readonly definition: PipelineDefinition },
): Promise<void> {
  await trx
    .insertInto('pipelines')
    .values({
      organisation_id: organisationId,
      digest: pipeline.digest,
      definition: JSON.stringify(pipeline.definition),
      activated_at: new Date(0),
    })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'digest']).doNothing())
    .execute();
}

async function findStarted(
  trx: Transaction,
  organisationId: string,
  planId: string,
): Promise<ReprocessingRow | undefined> {
  const row = await trx
    .selectFrom('reprocessings')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('plan_id', '=', planId)
    .executeTakeFirst();
  return row as unknown as ReprocessingRow | undefined;
}

function noPlan(): AppError {
  return new AppError('NOT_FOUND', 'There is no such plan, or it has expired.', {
    field: 'plan_id',
    hint: 'Plan again.',
  });
}

/** A command of a person: what it may be given in, and what it makes of it. */
interface Command {
  readonly from: readonly ReprocessingRow['state'][];
  readonly to: ReprocessingRow['state'];
  /** Done with it in its transaction. */
  readonly also?: (trx: Transaction, row: ReprocessingRow) => Promise<void>;
}

const COMMANDS = {
  pause: {
    from: ['running', 'paused'],
    to: 'paused',
    also: async (trx, row) => {
      await setReason(trx, row, 'person');
      await unqueue(trx, row);
    },
  },
  resume: {
    from: ['running', 'paused'],
    to: 'running',
    also: async (trx, row) => {
      await setReason(trx, row, null);
      await lift(trx, row);
    },
  },
  cancel: {
    from: ['running', 'paused'],
    to: 'cancelled',
    also: async (trx, row) => {
      await setReason(trx, row, null);
      await unqueue(trx, row);
      await dropWaiting(trx, row);
    },
  },
  promote: { from: ['completed'], to: 'promoting' },
  discard: { from: ['completed', 'cancelled'], to: 'discarded' },
} satisfies Record<string, Command>;

/**
 * Does as a person says; saying it again changes nothing. Throws NOT_FOUND, CONFLICT where its
 * state does not allow it.
 */
export async function command(
  db: Database,
  ref: ReprocessingRef,
  { name, actor }: { readonly name: keyof typeof COMMANDS; readonly actor: string },
): Promise<ReprocessingRow> {
  const { from, to, also }: Command = COMMANDS[name];
  return await db.transaction().execute(async (trx) => {
    const row = await lockReprocessing(trx, ref);
    const { state } = row;
    const isDone = state === to && (name !== 'pause' || row.pause_reason === 'person');
    if (isDone || (name === 'promote' && state === 'promoted')) return row;
    if (!from.includes(state)) {
      throw new AppError('CONFLICT', `It is ${state}.`, {
        field: 'reprocessing_id',
        hint: `${name} is for what is ${from.join(' or ')}.`,
        details: { state },
      });
    }
    await trx
      .updateTable('reprocessings')
      .set({ state: to, ...(to === 'cancelled' ? { ended_at: sql<Date>`now()` } : {}) })
      .where('organisation_id', '=', ref.organisationId)
      .where('id', '=', ref.id)
      .execute();
    await also?.(trx, row);
    await audit(trx, ref, actor, name);
    return await readReprocessing(trx, ref);
  });
}

async function setReason(
  trx: Transaction,
  row: ReprocessingRow,
  reason: 'person' | null,
): Promise<void> {
  await trx
    .updateTable('reprocessings')
    .set({ pause_reason: reason })
    .where('organisation_id', '=', row.organisation_id)
    .where('id', '=', row.id)
    .execute();
}

/** A person who resumes what a limit has paused means it: as much budget again, no deadline. */
async function lift(trx: Transaction, row: ReprocessingRow): Promise<void> {
  const { limits, pause_reason: reason } = row;
  const { deadline, ...others } = limits;
  const isLate = reason === 'deadline' && deadline !== undefined;
  const more = reason === 'budget' ? (limits.serverMinutesMax ?? 0) * 60_000 : 0;
  await trx
    .updateTable('reprocessings')
    .set({
      limits: JSON.stringify(isLate ? others : limits),
      ...(more > 0 ? { server_ms_max: row.server_ms + more } : {}),
    })
    .where('organisation_id', '=', row.organisation_id)
    .where('id', '=', row.id)
    .execute();
}

async function audit(
  trx: Transaction,
  ref: ReprocessingRef,
  actor: string,
  action: string,
): Promise<void> {
  await writeAudit(trx, {
    organisationId: ref.organisationId,
    actor,
    action: `reprocessings.${action}`,
    subjectType: 'reprocessings',
    subjectId: ref.id,
  });
}
