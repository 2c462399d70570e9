import { type RawBuilder, sql } from 'kysely';
import type { Handle } from '../db/database.ts';
import type { RunBody } from '../photos/photo-body.ts';

const time = (column: string) => sql`
  to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Of the models of `pipelines`: an ensemble's one after the other, as a lone model's is. */
const ofModels = (field: 'name' | 'version') => sql`
  (select string_agg(m ->> ${sql.lit(field)}, ', ')
     from jsonb_path_query(pipelines.definition, '$.roles.plants[*]') as m)`;

const MODELS = sql`
  (select json_agg(json_build_object('name', m ->> 'name', 'version', m ->> 'version'))
     from jsonb_path_query(pipelines.definition, '$.roles.plants[*]') as m)`;

/** A run as JSON, from `runs` as r joined with `pipelines`. */
export function runColumns(): RawBuilder<RunBody> {
  return sql<RunBody>`
    json_build_object('id', r.id, 'photo_id', encode(r.sha256, 'hex'), 'state', r.state,
      'detected', r.detected, 'counts', r.counts, 'capped', r.capped, 'provider', r.provider,
      'server_id', r.server_id, 'timings', r.timings, 'tiles', r.tiles,
      'counted_long_side_px', r.counted_long_side_px,
      'pipeline', json_build_object('digest', encode(r.pipeline_digest, 'hex'),
        'model', ${ofModels('name')}, 'version', ${ofModels('version')}, 'models', ${MODELS}),
      'rollout', (select t.phase from rollout_photos t
                   where t.organisation_id = r.organisation_id and t.sha256 = r.sha256
                     and t.candidate_run_id = r.id limit 1),
      'created_at', ${time('r.created_at')}, 'started_at', ${time('r.started_at')},
      'completed_at', ${time('r.completed_at')})`;
}

export interface RunFilter {
  readonly id?: string;
  readonly photoId?: Buffer;
  readonly state?: string;
  /** Id of the last run of the page before. */
  readonly before?: string;
}

/** Runs, newest first: their ids are ordered by time. */
export async function readRuns(
  db: Handle,
  organisationId: string,
  { id, photoId, state, before }: RunFilter,
  limit: number,
): Promise<RunBody[]> {
  const conditions = [
    sql`r.organisation_id = ${organisationId}`,
    ...(id ? [sql`r.id = ${id}`] : []),
    ...(photoId ? [sql`r.sha256 = ${photoId}`] : []),
    ...(state ? [sql`r.state = ${state}`] : []),
    ...(before ? [sql`r.id < ${before}`] : []),
  ];
  const { rows } = await sql<{ run: RunBody }>`
    select ${runColumns()} as run
      from runs r join pipelines on pipelines.organisation_id = r.organisation_id
                                and pipelines.digest = r.pipeline_digest
     where ${sql.join(conditions, sql` and `)}
     order by r.id desc limit ${limit}`.execute(db);
  return rows.map((row) => row.run);
}

export interface Attempt {
  readonly server_id: string;
  readonly code: string;
  readonly message: string;
  readonly at: string;
}

/** Why tries at a run failed, oldest first. */
export async function readAttempts(
  db: Handle,
  organisationId: string,
  runId: string,
): Promise<Attempt[]> {
  const { rows } = await sql<Attempt>`
    select server_id, code, message, ${time('at')} as at from run_attempts
     where organisation_id = ${organisationId} and run_id = ${runId}
     order by id`.execute(db);
  return rows;
}
