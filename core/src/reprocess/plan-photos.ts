import { AppError } from '@demeter/common/errors';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';

const HASH_BYTES = 32;
/** Hashes written by one statement. */
const CHUNK_HASHES = 5_000;

/**
 * Adds photos to a plan by their hashes, 32 bytes each, end to end; naming one twice adds nothing.
 * Answers how many of them are no photos of the organisation. Throws INVALID_INPUT.
 */
export async function addPlanPhotos(
  db: Database,
  plan: { readonly organisationId: string; readonly planId: string },
  hashes: Buffer,
): Promise<number> {
  if (hashes.length % HASH_BYTES !== 0) {
    throw new AppError('INVALID_INPUT', 'Hashes are 32 bytes each, end to end.', {
      field: 'sha256s',
    });
  }
  let unknown = 0;
  for (let from = 0; from < hashes.length; from += CHUNK_HASHES * HASH_BYTES) {
    unknown += await addChunk(db, plan, hashes.subarray(from, from + CHUNK_HASHES * HASH_BYTES));
  }
  return unknown;
}

async function addChunk(
  db: Database,
  { organisationId, planId }: { readonly organisationId: string; readonly planId: string },
  hashes: Buffer,
): Promise<number> {
  const given = Array.from({ length: hashes.length / HASH_BYTES }, (_, i) =>
    hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
  const { rows } = await sql<{ known: number }>`
    with given as (select sha256 from unnest(${given}::bytea[]) as g (sha256)),
    known as (
      select g.sha256 from given g
        join photos p on p.organisation_id = ${organisationId} and p.sha256 = g.sha256
    ), added as (
      insert into reprocessing_plan_photos (organisation_id, plan_id, sha256)
      select ${organisationId}, ${planId}, sha256 from known on conflict do nothing
    )
    select count(*) as known from known`.execute(db);
  return given.length - (rows[0]?.known ?? 0);
}
