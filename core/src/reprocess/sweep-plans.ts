import { sql } from 'kysely';
import type { Database } from '../db/database.ts';

/** Hashes removed in one statement. */
const CHUNK = 5_000;

/**
 * Removes plans that have expired, and the hashes that clients named for them, a few thousand at
 * a time. A reprocessing needs them until its cursor has passed the last one.
 */
export async function sweepPlans(db: Database, now: Date): Promise<void> {
  const { rows: expired } = await sql<{ organisation_id: string; id: string }>`
    select organisation_id, id from reprocessing_plans n
     where n.expires_at < ${now}
       and not exists (select 1 from reprocessings r
                        where r.organisation_id = n.organisation_id and r.plan_id = n.id
                          and r.state in ('running', 'paused') and not r.expanded)
     limit 100`.execute(db);
  for (const plan of expired) {
    while (await removeHashes(db, plan));
    await sql`
      delete from reprocessing_plans
       where organisation_id = ${plan.organisation_id} and id = ${plan.id}`.execute(db);
  }
}

async function removeHashes(
  db: Database,
  plan: { readonly organisation_id: string; readonly id: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from reprocessing_plan_photos
     where organisation_id = ${plan.organisation_id} and plan_id = ${plan.id}
       and sha256 in (select sha256 from reprocessing_plan_photos
                       where organisation_id = ${plan.organisation_id} and plan_id = ${plan.id}
                       order by sha256 limit ${CHUNK})`.execute(db);
  return Number(numAffectedRows ?? 0) > 0;
}
