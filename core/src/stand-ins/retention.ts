import { sql } from 'kysely';
import type { Counter } from 'prom-client';
import type { CoreContext } from '../context.ts';
import { counterOf } from '../http/metrics.ts';

/**
 * How long, and how many of, the stand-ins of boxes are kept: each may hold a picture, and any box
 * may send them without end.
 */

/** Rows that one statement removes: none holds up others for long. */
const BATCH = 500;
const DAY_MS = 86_400_000;

type RetentionContext = Pick<
  CoreContext,
  'db' | 'clock' | 'values' | 'metrics' | 'organisationId' | 'stopping'
>;

/**
 * Removes what has stood for nothing for `DEMETER_STAND_IN_DAYS`: the box has given its photo up,
 * its days there are over, or the photo itself is here. One that a box still keeps stays.
 */
export async function sweepStandIns(context: RetentionContext): Promise<void> {
  const { db, clock, values, organisationId, stopping } = context;
  if (values.DEMETER_STAND_IN_DAYS === 0) return;
  const before = new Date(clock.now() - values.DEMETER_STAND_IN_DAYS * DAY_MS);
  for (let removed = BATCH; removed === BATCH && !stopping.aborted; ) {
    const { numAffectedRows } = await sql`
      delete from stand_ins where (organisation_id, edge_id, sha256) in (
        select organisation_id, edge_id, sha256 from stand_ins s
         where organisation_id = ${organisationId} and received_at < ${before}
           and (resolved_at < ${before} or kept_until < ${before}
                or exists (select from photos p where p.organisation_id = s.organisation_id
                            and p.sha256 = s.sha256))
         limit ${BATCH})`.execute(db);
    removed = Number(numAffectedRows ?? 0);
    removedCounter(context).inc({ reason: 'retention' }, removed);
  }
}

/** While as many come as the bound allows it is looked at so often, and a smaller one each time. */
const LOOKS_A_BOUND = 100;

/**
 * After one was added for this box: beyond `DEMETER_STAND_INS_PER_EDGE` the oldest go. To look means
 * to walk over all that may stay, so a large bound is looked at now and then, and outgrown by some.
 */
export async function boundStandIns(
  context: Pick<RetentionContext, 'db' | 'values' | 'metrics'>,
  { organisationId, edgeId }: { readonly organisationId: string; readonly edgeId: string },
): Promise<void> {
  const { db, values } = context;
  if (Math.random() * values.DEMETER_STAND_INS_PER_EDGE > LOOKS_A_BOUND) return;
  const { numAffectedRows } = await sql`
    delete from stand_ins where (organisation_id, edge_id, sha256) in (
      select organisation_id, edge_id, sha256 from stand_ins
       where organisation_id = ${organisationId} and edge_id = ${edgeId}
       order by received_at desc, sha256 desc
       limit ${BATCH} offset ${values.DEMETER_STAND_INS_PER_EDGE})`.execute(db);
  removedCounter(context).inc({ reason: 'bound' }, Number(numAffectedRows ?? 0));
}

function removedCounter({ metrics }: Pick<CoreContext, 'metrics'>): Counter<'reason'> {
  return counterOf(metrics.registry, {
    name: 'demeter_stand_ins_removed_total',
    help: 'Stand-ins of photos on boxes that were removed: after their time, or beyond their bound.',
    labelNames: ['reason'],
  });
}
