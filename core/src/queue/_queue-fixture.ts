import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import { pipelineDigest, toDefinition } from '../pipelines/pipeline.ts';

export const DEFINITION = toDefinition(
  { name: 'plants', version: '1', digest: 'ab'.repeat(32) },
  { mode: 'manifest' },
);

export interface QueueFixture {
  readonly organisationId: string;
  /** Adds `runs` photos with their queued runs in one lane, spread over `sites`. */
  fill(runs: number, lane: number, sites: readonly string[]): Promise<void>;
}

/** Rows a statement, which has its time also where the machine is busy. */
const CHUNK_ROWS = 10_000;

/** An organisation with one pipeline, and photos with runs to make. */
export async function createQueueFixture(db: Database): Promise<QueueFixture> {
  const organisationId = newId();
  await sql`insert into organisations (id, code, name) values
    (${organisationId}, ${organisationId}, 'Test')`.execute(db);
  await sql`insert into pipelines (organisation_id, digest, definition) values
    (${organisationId}, ${pipelineDigest(DEFINITION)}, ${JSON.stringify(DEFINITION)})`.execute(db);
  return {
    organisationId,
    fill: async (runs, lane, sites) => {
      await db.transaction().execute(async (trx) => {
        // Foreign keys are right by construction; checking 100,000 of them takes most of a minute.
        await sql`set local session_replication_role = replica`.execute(trx);
        const session = newId();
        await sql`insert into photo_sessions (organisation_id, id, state) values
        (${organisationId}, ${session}, 'pending')`.execute(trx);
        for (let from = 1; from <= runs; from += CHUNK_ROWS) {
          const to = Math.min(runs, from + CHUNK_ROWS - 1);
          await sql`
        with made as (
          select gen_random_uuid() as run_id, sha256(gen_random_uuid()::text::bytea) as sha, n
            from generate_series(${from}::int, ${to}::int) n
        ), photos_made as (
          insert into photos (organisation_id, sha256, photo_session_id, state, size_bytes,
                              media_type, object_key)
          select ${organisationId}::uuid, sha, ${session}::uuid, 'stored', 1, 'image/jpeg', 'k'
            from made
        ), runs_made as (
          insert into runs (organisation_id, id, sha256, pipeline_digest, state)
          select ${organisationId}::uuid, run_id, sha, ${pipelineDigest(DEFINITION)}, 'waiting'
            from made
        )
        insert into run_queue (organisation_id, run_id, lane, site, available_at, correlation_id)
        select ${organisationId}::uuid, run_id, ${lane},
               (${sites}::text[])[1 + n % ${sites.length}], now() - (n || ' ms')::interval,
               run_id::text
          from made`.execute(trx);
        }
      });
    },
  };
}
