import { sql } from 'kysely';
import type { Handle } from '../db/database.ts';

/**
 * The centre's side of common/src/edge-days.ts: what it holds of a box's day, read by the index
 * `sightings_edge_day`, so that the cost is that of the days asked for. Sightings of photos whose
 * original is missing are left out: the box still has to send them.
 */

export interface EdgeOfDays {
  readonly organisationId: string;
  readonly edgeId: string;
}

export interface DaySummary {
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly sightings: number;
  /** SHA-256, hex. */
  readonly digest: string;
}

const DAY = sql`((s.accepted_at at time zone 'UTC')::date)`;
const ULID = sql`(right(s.source_key, 26) collate "C")`;

/** Digests of those days on which the centre holds something; others have none. */
export async function readDays(
  db: Handle,
  edge: EdgeOfDays,
  days: readonly string[],
): Promise<DaySummary[]> {
  return (await daysQuery(edge, days).execute(db)).rows;
}

/** For `readDays`, and for the test that looks at its plan. */
export function daysQuery({ organisationId, edgeId }: EdgeOfDays, days: readonly string[]) {
  return sql<DaySummary>`
    select ${DAY}::text as day, count(*) as sightings,
           encode(sha256(string_agg(convert_to(encode(s.sha256, 'hex') || ${ULID}, 'UTF8'), ''
             order by s.sha256, ${ULID})), 'hex') as digest
      from sightings s
     where s.organisation_id = ${organisationId} and s.edge_id = ${edgeId}
       and ${DAY} = any(${days}::date[])
       and ${notMissing(organisationId)}
     group by ${DAY}`;
}

/** Keys of one day in their order, from behind `after` (a key, or empty for the first page). */
export async function readDayKeys(
  db: Handle,
  { organisationId, edgeId }: EdgeOfDays,
  page: { readonly day: string; readonly after: string; readonly limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select encode(s.sha256, 'hex') || ${ULID} as key
      from sightings s
     where s.organisation_id = ${organisationId} and s.edge_id = ${edgeId}
       and ${DAY} = ${page.day}::date
       and (s.sha256, ${ULID}) >
           (decode(left(${page.after}, 64), 'hex'), substr(${page.after}, 65) collate "C")
       and ${notMissing(organisationId)}
     order by s.sha256, ${ULID} limit ${page.limit}`.execute(db);
  return rows.map(({ key }) => key);
}

function notMissing(organisationId: string) {
  return sql`not exists (select 1 from photos p where p.organisation_id = ${organisationId}
    and p.sha256 = s.sha256 and p.state = 'missing')`;
}
