import { sql } from 'kysely';
import type { CoreContext } from '../context.ts';
import type { PhotoEvent } from '../events.ts';

type EventContext = Pick<CoreContext, 'db' | 'events' | 'log'>;

/**
 * Tells how a photo stands now, read from the database after the commit. Never throws: an event
 * may be lost, the page reads the photo itself.
 */
export async function publishPhoto(
  { db, events, log }: EventContext,
  organisationId: string,
  sha256: Buffer,
): Promise<void> {
  try {
    const { rows } = await sql<PhotoEvent>`
      select encode(p.sha256, 'hex') as photo_id, p.state, s.id as session_id,
             s.state as session_state, s.detected, r.counts, l.code as location_code,
             b.code as batch_code, seen.file_name
        from photos p
        join photo_sessions s on s.organisation_id = p.organisation_id
                             and s.id = p.photo_session_id
        left join runs r on r.organisation_id = s.organisation_id and r.id = s.current_run_id
        left join storage_locations l on l.organisation_id = s.organisation_id
                                     and l.id = s.storage_location_id
        left join lateral (
          select stock_batch_id from stock_movements m
           where m.organisation_id = s.organisation_id and m.photo_session_id = s.id
             and m.kind = 'photo' limit 1) m on true
        left join stock_batches b on b.organisation_id = s.organisation_id
                                 and b.id = m.stock_batch_id
        left join lateral (
          select file_name from sightings g
           where g.organisation_id = p.organisation_id and g.sha256 = p.sha256
           order by g.id limit 1) seen on true
       where p.organisation_id = ${organisationId} and p.sha256 = ${sha256}`.execute(db);
    const [data] = rows;
    if (!data) return;
    const at = new Date().toISOString();
    events.publish({ type: 'photo', organisationId, data: { ...data, at } });
  } catch (error) {
    log.debug({ err: error }, 'a photo event was not published');
  }
}
