import { sql } from 'kysely';
import type { Database } from '../db/database.ts';

/** Partitions made beyond the current month. */
const MONTHS_AHEAD = 2;

export interface Month {
  /** detections_2026_11 */
  readonly table: string;
  /** First day, UTC. */
  readonly from: string;
  /** First day of the next month, UTC. */
  readonly to: string;
}

/** The months from that of `now` (UTC) to two ahead. */
export function monthsAhead(now: Date): Month[] {
  return Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) => {
    const first = (months: number) =>
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1))
        .toISOString()
        .slice(0, 10);
    const from = first(ahead);
    return {
      table: `detections_${from.slice(0, 7).replace('-', '_')}`,
      from,
      to: first(ahead + 1),
    };
  });
}

/** Makes the partitions that are missing. Two cores may do it at once. */
export async function ensurePartitions(db: Database, now: Date): Promise<void> {
  for (const { table, from, to } of monthsAhead(now)) {
    const { rows } = await sql<{ there: boolean }>`
      select to_regclass(${table}) is not null as there`.execute(db);
    if (rows[0]?.there) continue;
    await sql`
      create table if not exists ${sql.table(table)} partition of detections
        for values from (${sql.lit(`${from}T00:00:00Z`)}) to (${sql.lit(`${to}T00:00:00Z`)})`.execute(
      db,
    );
  }
}

/** True: detections lie in the partition of last resort, because a month's was missing. */
export async function isDefaultUsed(db: Database): Promise<boolean> {
  const { rows } = await sql<{ used: boolean }>`
    select exists (select 1 from detections_default) as used`.execute(db);
  return rows[0]?.used ?? false;
}
