import { sql } from 'kysely';
import type { Handle } from '../db/database.ts';

/** Sessions whose photo is not counted yet. */
export async function countActiveSessions(db: Handle): Promise<number> {
  const { rows } = await sql<{ active: number }>`
    select count(*)::int as active from photo_sessions
     where state in ('pending', 'processing')`.execute(db);
  return rows[0]?.active ?? 0;
}
