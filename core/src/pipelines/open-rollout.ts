import { sql } from 'kysely';
import type { Handle, Transaction } from '../db/database.ts';
import type { ActivePipeline } from './active-pipeline.ts';
import type { OfferedModel, PipelineDefinition } from './pipeline.ts';

/** A new version under way: `shadow` counts beside the stable one, `canary` instead of it. */
export interface OpenRollout {
  readonly id: string;
  readonly phase: 'shadow' | 'canary';
  /** Of the photos, by their hash. */
  readonly percent: number;
  readonly stable: ActivePipeline;
  readonly candidate: ActivePipeline;
}

/** The one rollout that is open, if any. */
export async function readOpenRollout(
  db: Handle,
  organisationId: string,
): Promise<OpenRollout | undefined> {
  const { rows } = await sql<{
    id: string;
    phase: 'shadow' | 'canary';
    percent: number;
    stable_digest: Buffer;
    stable: PipelineDefinition;
    candidate_digest: Buffer;
    candidate: PipelineDefinition;
  }>`
    select r.id, r.state as phase, r.percent, r.stable_digest, s.definition as stable,
           r.candidate_digest, c.definition as candidate
      from rollouts r
      join pipelines s on s.organisation_id = r.organisation_id and s.digest = r.stable_digest
      join pipelines c on c.organisation_id = r.organisation_id and c.digest = r.candidate_digest
     where r.organisation_id = ${organisationId} and r.state in ('shadow', 'canary')`.execute(db);
  const [row] = rows;
  return (
    row && {
      id: row.id,
      phase: row.phase,
      percent: row.percent,
      stable: { digest: row.stable_digest, definition: row.stable },
      candidate: { digest: row.candidate_digest, definition: row.candidate },
    }
  );
}

/**
 * True while the rollout is in the phase it was read in; it stays so until the transaction ends,
 * so that no photo is given to a version that is being rolled back.
 */
export async function holdPhase(
  trx: Transaction,
  organisationId: string,
  { id, phase }: OpenRollout,
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from rollouts where organisation_id = ${organisationId} and id = ${id}
       and state = ${phase} for share`.execute(trx);
  return rows.length > 0;
}

/** Why files are not chosen by themselves, by `fileKey`. */
export async function readHeld(db: Handle, organisationId: string): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('held_models')
    .select(['name', 'version', 'digest', 'reason'])
    .where('organisation_id', '=', organisationId)
    .execute();
  return new Map(rows.map((row) => [fileKey(row), row.reason]));
}

/** One file under one name and version: the same file may stand under two. */
export function fileKey({ name, version, digest }: OfferedModel): string {
  return `${name}/${version}/${digest}`;
}
