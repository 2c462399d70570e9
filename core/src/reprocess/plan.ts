import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Handle } from '../db/database.ts';
import { type PipelineDefinition, pipelineDigest } from '../pipelines/pipeline.ts';
import type { ChosenPhotos } from './chosen-photos.ts';
import { type Counted, countPhotos } from './count-plan.ts';
import type { Limits } from './limits.ts';

/** A plan that was not started is forgotten after this. */
const PLAN_LIFE_MS = 3_600_000;
/** Past runs that an estimate is made from, newest first. */
const SAMPLE_RUNS = 1_000;

export interface NewPlan {
  readonly organisationId: string;
  readonly actor: string;
  readonly definition: PipelineDefinition;
  readonly limits: Limits;
  /** Null: the photos are named one by one. */
  readonly chosen: ChosenPhotos | null;
  readonly now: Date;
}

/** What a plan would mean. */
export interface PlanFigures {
  readonly id: string;
  readonly digest: Buffer;
  readonly definition: PipelineDefinition;
  readonly photos: number;
  readonly inStore: number;
  readonly countedAlready: number;
  readonly tiles: number;
  readonly serverMinutes: number;
  readonly places: number;
  readonly expiresAt: Date;
  readonly notes: readonly string[];
}

/** Writes a plan whose photos are not counted yet; it cannot be started before that. */
export async function openPlan(db: Handle, plan: NewPlan): Promise<{ id: string }> {
  const id = newId();
  await db
    .insertInto('reprocessing_plans')
    .values({
      organisation_id: plan.organisationId,
      id,
      definition: JSON.stringify(plan.definition),
      limits: JSON.stringify(plan.limits),
      chosen: plan.chosen && JSON.stringify(plan.chosen),
      created_by: plan.actor,
      expires_at: new Date(plan.now.getTime() + PLAN_LIFE_MS),
    })
    .execute();
  return { id };
}

/**
 * Counts what a plan means, and makes it ready to be started. The counts are exact: they cost one
 * look at each photo that the filter's narrowest condition leaves (place and time of capture have
 * an index). Throws DEADLINE_EXCEEDED where the database needs longer than its statements may.
 */
export async function measurePlan(
  db: Database,
  plan: NewPlan,
  id: string,
  signal?: AbortSignal,
): Promise<PlanFigures> {
  const { organisationId, chosen, definition } = plan;
  const digest = pipelineDigest(definition);
  const counted = await countPhotos(db, { organisationId, id, chosen, digest, signal });
  const sample = await readSample(db, organisationId, digest);
  const toCount = counted.to_count;
  const updated = await db
    .updateTable('reprocessing_plans')
    .set({ photos: counted.photos })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .returning('expires_at')
    .executeTakeFirst();
  if (!updated) throw new AppError('NOT_FOUND', 'The plan has expired.', { field: 'plan_id' });
  return {
    id,
    digest,
    definition,
    photos: counted.photos,
    inStore: counted.in_store,
    countedAlready: counted.counted_already,
    tiles: Math.round(toCount * sample.tiles),
    serverMinutes: (toCount * sample.server_ms) / 60_000,
    places: counted.places,
    expiresAt: updated.expires_at,
    notes: notesOf(counted, sample),
  };
}

interface Sample {
  readonly runs: number;
  /** Of one photo, on average. */
  readonly tiles: number;
  readonly server_ms: number;
  readonly same: boolean;
}

/** What past runs took: of this pipeline, else of whatever was counted last. */
async function readSample(db: Handle, organisationId: string, digest: Buffer): Promise<Sample> {
  const of = async (condition: RawBuilder<unknown>, same: boolean): Promise<Sample> => {
    const { rows } = await sql<Omit<Sample, 'same'>>`
      select count(*) as runs, coalesce(avg(tiles), 0)::float8 as tiles,
             coalesce(avg(ms), 0)::float8 as server_ms
        from (select r.tiles, ${serverMs('r')} as ms from runs r
               where r.organisation_id = ${organisationId} and r.state = 'completed'
                 and ${condition}
               order by r.completed_at desc limit ${SAMPLE_RUNS}) latest`.execute(db);
    return { ...rows[0]!, same };
  };
  const own = await of(sql`r.pipeline_digest = ${digest}`, true);
  if (own.runs > 0) return own;
  return await of(
    sql`r.pipeline_digest = (
      select r.pipeline_digest from runs r where r.organisation_id = ${organisationId}
         and r.state = 'completed' order by r.id desc limit 1)`,
    false,
  );
}

/** Milliseconds that a server spent on a run's stages; 0 where it does not say. */
export function serverMs(alias: string): RawBuilder<number> {
  const timings = sql.ref(`${alias}.timings`);
  const stage = (name: string) => sql`coalesce((${timings} ->> ${name})::float8, 0)`;
  return sql<number>`(${sql.join(
    ['decode_ms', 'tile_ms', 'inference_ms', 'merge_ms'].map(stage),
    sql` + `,
  )})`;
}

function notesOf(counted: Counted, sample: Sample): string[] {
  const missing = counted.photos - counted.in_store;
  const estimate =
    sample.runs === 0
      ? 'Nothing was counted yet, so there is no estimate of tiles and time.'
      : sample.same
        ? `Tiles and time are estimated from the last ${sample.runs} runs of this pipeline.`
        : `This pipeline was never run: tiles and time are those of the last ${sample.runs} runs of another.`;
  return [
    estimate,
    ...(missing > 0 ? [`${missing} photos are no longer in the store.`] : []),
    ...(counted.photos === 0 ? ['The filter chooses no photo.'] : []),
  ];
}
