import { parseSha256 } from '@demeter/common/ids';
import { sql } from 'kysely';
import type { Handle } from '../db/database.ts';
import type { EdgeOfDays } from './day-sets.ts';

/** Photos that the centre asks a box for again. */

export const ANSWERS = ['queued', 'evicted', 'unknown', 'changed'] as const;

export interface Answer {
  /** Hex. */
  readonly sha256: string;
  readonly answer: (typeof ANSWERS)[number];
}

/**
 * Missing photos that the box has sent, those for which it has not said that it has them no more;
 * in the order of their hashes.
 */
export async function readWanted(
  db: Handle,
  { organisationId, edgeId }: EdgeOfDays,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<string[]> {
  const after = page.after === undefined ? Buffer.alloc(0) : parseSha256(page.after);
  const { rows } = await sql<{ sha256: string }>`
    select encode(p.sha256, 'hex') as sha256 from photos p
     where p.organisation_id = ${organisationId} and p.state = 'missing' and p.sha256 > ${after}
       and exists (select 1 from sightings s where s.organisation_id = p.organisation_id
                      and s.sha256 = p.sha256 and s.edge_id = ${edgeId})
       and not exists (select 1 from photo_requests r where r.organisation_id = p.organisation_id
                          and r.sha256 = p.sha256 and r.edge_id = ${edgeId}
                          and r.answer <> 'queued')
     order by p.sha256 limit ${page.limit}`.execute(db);
  return rows.map(({ sha256 }) => sha256);
}

/** Keeps what the box said; of photos that are missing and that it has sent, others are let be. */
export async function writeAnswers(
  db: Handle,
  { organisationId, edgeId }: EdgeOfDays,
  answers: readonly Answer[],
): Promise<void> {
  await sql`
    insert into photo_requests (organisation_id, sha256, edge_id, answer)
    select p.organisation_id, p.sha256, ${edgeId}, a.answer
      from jsonb_to_recordset(${JSON.stringify(answers)}::jsonb) as a (sha256 text, answer text)
      join photos p on p.organisation_id = ${organisationId} and p.sha256 = decode(a.sha256, 'hex')
                   and p.state = 'missing'
     where exists (select 1 from sightings s where s.organisation_id = p.organisation_id
                      and s.sha256 = p.sha256 and s.edge_id = ${edgeId})
    on conflict (organisation_id, sha256, edge_id)
      do update set answer = excluded.answer, answered_at = now()`.execute(db);
}
