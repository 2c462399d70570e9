import type { CoreContext } from '../context.ts';
import { publishPhoto } from '../photos/photo-event.ts';
import { type BookingOutcome, bookCount } from './book-count.ts';

type BookingContext = Pick<CoreContext, 'db' | 'log' | 'organisationId' | 'metrics' | 'events'>;

/** Sessions looked at in one go; the rest waits for the next. */
const SESSIONS_MAX = 1_000;

/**
 * Books counts that waited for a configuration that is there now: after a configuration was
 * written, and at start for those that a crash left between the two. Each is a transaction of its
 * own, so that one that fails does not hold up the others.
 */
export async function bookWaitingSessions(
  context: BookingContext,
  { locationId }: { readonly locationId?: string } = {},
): Promise<number> {
  const { db, organisationId, log } = context;
  let query = db
    .selectFrom('photo_sessions as s')
    .innerJoin('runs as r', (join) =>
      join
        .onRef('r.organisation_id', '=', 's.organisation_id')
        .onRef('r.id', '=', 's.current_run_id'),
    )
    .select(['s.id', 'r.sha256'])
    .where('s.organisation_id', '=', organisationId)
    .where('s.state', '=', 'needs_config')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('storage_location_configs as c')
          .select('c.id')
          .whereRef('c.organisation_id', '=', 's.organisation_id')
          .whereRef('c.storage_location_id', '=', 's.storage_location_id'),
      ),
    )
    .orderBy('s.id')
    .limit(SESSIONS_MAX);
  if (locationId !== undefined) query = query.where('s.storage_location_id', '=', locationId);
  const waiting = await query.execute();
  let booked = 0;
  for (const { id, sha256 } of waiting) {
    try {
      const outcome = await db
        .transaction()
        .execute((trx) => bookCount(trx, { organisationId, photoSessionId: id }));
      countBooking(context, outcome);
      if (outcome.state === 'completed') booked++;
      await publishPhoto(context, organisationId, sha256);
    } catch (error) {
      log.error({ err: error, session_id: id }, 'a waiting count could not be booked');
    }
  }
  return booked;
}

/** For metrics: to be called after the transaction of `bookCount` is committed. */
export function countBooking({ metrics }: Pick<CoreContext, 'metrics'>, outcome: BookingOutcome) {
  if (outcome.state !== 'completed') return;
  if (outcome.booked === 'baseline') metrics.stockOperations.inc({ operation_type: 'photo' });
  if (outcome.booked === 'proposal') metrics.stockOperations.inc({ operation_type: 'proposal' });
}
