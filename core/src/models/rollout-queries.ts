import { sql } from 'kysely';
import type { Handle, Transaction } from '../db/database.ts';
import { modelsOf, type OfferedModel, type PipelineDefinition } from '../pipelines/pipeline.ts';
import type { Evidence, Judgement, Pair, Thresholds } from '../pipelines/rollout-rules.ts';

export type RolloutState = 'shadow' | 'canary' | 'promoted' | 'rolled_back';

/** A rollout as it stands; `stable` and `candidate` are the pipelines' digests. */
export interface Rollout {
  readonly id: string;
  /** `name/version` */
  readonly model: string;
  readonly stable: Buffer;
  readonly candidate: Buffer;
  readonly candidate_definition: PipelineDefinition;
  readonly stable_definition: PipelineDefinition;
  readonly state: RolloutState;
  readonly percent: number;
  readonly auto_promote: boolean;
  readonly thresholds: Thresholds;
  readonly evidence: Evidence | null;
  readonly verdict: Judgement['verdict'] | null;
  readonly reason: string;
  readonly created_by: string;
  readonly created_at: Date;
  readonly phase_at: Date;
  readonly ended_at: Date | null;
}

export interface RolloutFilter {
  readonly id?: string;
  /** `name/version` */
  readonly model?: string;
  readonly open?: true;
}

const LISTED_MAX = 50;

/** Rollouts, newest first. */
export async function readRollouts(
  db: Handle,
  organisationId: string,
  filter: RolloutFilter = {},
): Promise<Rollout[]> {
  const conditions = [
    sql`r.organisation_id = ${organisationId}`,
    ...(filter.id === undefined ? [] : [sql`r.id = ${filter.id}`]),
    ...(filter.model === undefined ? [] : [sql`r.model = ${filter.model}`]),
    ...(filter.open ? [sql`r.state in ('shadow', 'canary')`] : []),
  ];
  const { rows } = await sql<Rollout>`
    select r.id, r.model, r.stable_digest as stable, r.candidate_digest as candidate,
           s.definition as stable_definition, c.definition as candidate_definition,
           r.state, r.percent, r.auto_promote, r.thresholds, r.evidence, r.verdict, r.reason,
           r.created_by, r.created_at, r.phase_at, r.ended_at
      from rollouts r
      join pipelines s on s.organisation_id = r.organisation_id and s.digest = r.stable_digest
      join pipelines c on c.organisation_id = r.organisation_id and c.digest = r.candidate_digest
     where ${sql.join(conditions, sql` and `)}
     order by r.id desc limit ${sql.lit(LISTED_MAX)}`.execute(db);
  return rows;
}

/** The version on trial, and the one it takes the place of: none where it joins an ensemble. */
export function triedModels(rollout: Rollout): {
  readonly candidate: OfferedModel;
  readonly stable: OfferedModel | undefined;
} {
  const named = ({ name, version }: OfferedModel) => `${name}/${version}` === rollout.model;
  const candidate = modelsOf(rollout.candidate_definition).find(named);
  if (!candidate) throw new Error(`the rollout ${rollout.id} is of no model of its pipeline`);
  const stable = modelsOf(rollout.stable_definition).find(({ name }) => name === candidate.name);
  return { candidate, stable };
}

/** Waits for a rollout's row and keeps it; with `skip` answers false where another core has it. */
export async function lockRollout(
  trx: Transaction,
  organisationId: string,
  id: string,
  skip = false,
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from rollouts where organisation_id = ${organisationId} and id = ${id}
       for update ${skip ? sql`skip locked` : sql``}`.execute(trx);
  return rows.length > 0;
}

/** The newest photos of the phase are what it is judged by. */
const PAIRS_MAX = 2_000;

interface PairRow {
  readonly stable_state: string;
  readonly stable_detected: number | null;
  readonly stable_ms: number | null;
  readonly candidate_state: string;
  readonly candidate_detected: number | null;
  readonly candidate_ms: number | null;
  readonly waited_ms: number;
}

/** What both pipelines said of the photos of the rollout's present phase, newest first. */
export async function readPairs(
  db: Handle,
  organisationId: string,
  { id, state }: Pick<Rollout, 'id' | 'state'>,
): Promise<Pair[]> {
  const workMs = (run: string) => sql`
    (${sql.ref(`${run}.timings`)} ->> 'total_ms')::float8
      - coalesce((${sql.ref(`${run}.timings`)} ->> 'queue_ms')::float8, 0)`;
  const { rows } = await sql<PairRow>`
    select s.state as stable_state, s.detected as stable_detected, ${workMs('s')} as stable_ms,
           c.state as candidate_state, c.detected as candidate_detected,
           ${workMs('c')} as candidate_ms,
           -- A run whose turn has not come is late for want of servers, not of an answer.
           case when c.started_at is null then 0 else
             coalesce(1000 * extract(epoch from
               now() - greatest(least(s.completed_at, c.completed_at), c.started_at)), 0)
           end::float8 as waited_ms
      from rollout_photos p
      join runs s on s.organisation_id = p.organisation_id and s.id = p.stable_run_id
      join runs c on c.organisation_id = p.organisation_id and c.id = p.candidate_run_id
     where p.organisation_id = ${organisationId} and p.rollout_id = ${id} and p.phase = ${state}
     order by p.created_at desc limit ${sql.lit(PAIRS_MAX)}`.execute(db);
  return rows.map((row) => ({
    stable: {
      state: toSide(row.stable_state),
      detected: row.stable_detected,
      workMs: row.stable_ms,
    },
    candidate: {
      state: toSide(row.candidate_state),
      detected: row.candidate_detected,
      workMs: row.candidate_ms,
    },
    waitedMs: row.waited_ms,
  }));
}

function toSide(state: string): Pair['stable']['state'] {
  if (state === 'completed') return 'completed';
  return state === 'quarantined' || state === 'failed' ? 'failed' : 'waiting';
}
