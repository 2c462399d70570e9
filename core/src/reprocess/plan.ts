import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Handle } from '../db/database.ts';
import { type PipelineDefinition, pipelineDigest } from '../pipelines/pipeline.ts';
import { type ChosenPhotos, chosenConditions } from './chosen-photos.ts';
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
 * an index), and end with DEADLINE_EXCEEDED where the database needs longer than a statement may.
 */
export async function measurePlan(db: Database, plan: NewPlan, id: string): Promise<PlanFigures> {
  const { organisationId, definition } = plan;
  const digest = pipelineDigest(definition);
  const counted = await countPhotos(db, plan, { id, digest });
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

interface Counted {
  readonly photos: number;
  readonly in_store: number;
  readonly counted_already: number;
  readonly to_count: number;
  readonly places: number;
}

async function countPhotos(
  db: Database,
  { organisationId, chosen }: NewPlan,
  { id, digest }: { readonly id: string; readonly digest: Buffer },
): Promise<Counted> {
  const conditions: RawBuilder<unknown>[] = [
    sql`p.organisation_id = ${organisationId}`,
    ...(chosen === null
      ? [
          sql`exists (select 1 from reprocessing_plan_photos l
                       where l.organisation_id = p.organisation_id and l.plan_id = ${id}
                         and l.sha256 = p.sha256)`,
        ]
      : chosenConditions(chosen)),
  ];
  const query = sql<Counted>`
    select count(*) as photos,
           count(*) filter (where in_store) as in_store,
           count(*) filter (where counted) as counted_already,
           count(*) filter (where in_store and not counted) as to_count,
           count(distinct place) filter (where (in_store or counted) and not current) as places
      from (
        select p.storage_location_id as place,
               p.state in ('stored', 'quarantined') as in_store,
               r.id is not null as counted,
               r.id is not null and r.id = s.current_run_id as current
          from photos p
          join photo_sessions s on s.organisation_id = p.organisation_id
                               and s.id = p.photo_session_id
          left join runs r on r.organisation_id = p.organisation_id and r.sha256 = p.sha256
                          and r.pipeline_digest = ${digest} and r.state = 'completed'
         where ${sql.join(conditions, sql` and `)}) chosen`;
  try {
    const { rows } = await query.execute(db);
    return rows[0]!;
  } catch (error) {
    // 57014: the statement's time was over.
    if ((error as { code?: unknown }).code !== '57014') throw error;
    throw new AppError('DEADLINE_EXCEEDED', 'Counting the photos takes too long.', {
      field: 'filter',
      hint: 'Narrow the filter: plan place by place, or month by month.',
      cause: error,
    });
  }
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
