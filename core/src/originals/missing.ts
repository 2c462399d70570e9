import { AppError } from '@demeter/common/errors';
import { sql } from 'kysely';
import { type Counter, Gauge } from 'prom-client';
import type { CoreContext } from '../context.ts';
import type { Handle, Transaction } from '../db/database.ts';
import { counterOf } from '../http/metrics.ts';
import { publishPhoto } from '../photos/photo-event.ts';
import { LANE_BACKLOG } from '../queue/lanes.ts';
import { examineOriginal, type Finding, type Original, setAside } from './examine.ts';

/**
 * Photos whose original is gone or has other bytes. Such a photo is `missing`: it is counted no
 * more, compared as unknown with every box, and asked of those that have sent it, until one has
 * sent it again and the core has hashed it (docs/edge.md, "Comparing with the centre").
 */

export type LossContext = Pick<CoreContext, 'db' | 'originals' | 'events' | 'log' | 'metrics'>;

/**
 * After a read that failed with NOT_FOUND or CHECKSUM_MISMATCH, and by the scrub: reads the
 * original, and marks the photo where it is lost. Throws OBJECT_STORE_UNAVAILABLE.
 */
export async function checkOriginal(
  context: LossContext,
  organisationId: string,
  photo: Original,
): Promise<Finding> {
  const { db, originals, log, metrics } = context;
  const finding = await examineOriginal(originals, photo);
  if (finding === 'present') return finding;
  // A store whose bucket is away has lost nothing.
  if (finding === 'gone') await originals.check();
  const { rows } = await sql`
    update photos set state = 'missing', missing_since = now(), missing_reason = ${finding}
     where organisation_id = ${organisationId} and sha256 = ${photo.sha256}
       and state in ('stored', 'quarantined')
    returning sha256`.execute(db);
  // Marked before: if a crash came between, the bytes are still to be moved.
  if (finding === 'changed') await setAside(originals, organisationId, photo);
  if (rows.length === 0) return finding;
  lostCounter(metrics).inc({ reason: finding });
  const photo_id = photo.sha256.toString('hex');
  log.error({ alarm: 'photo_missing', photo_id, reason: finding }, 'the store has lost a photo');
  await publishPhoto(context, organisationId, photo.sha256);
  return finding;
}

/** `checkOriginal` where a read has failed; an error that says nothing of loss is let be. */
export async function noteFailedRead(
  context: LossContext,
  organisationId: string,
  sha256: Buffer,
  error: unknown,
): Promise<void> {
  if (!isLoss(error)) return;
  try {
    const photo = await context.db
      .selectFrom('photos')
      .select(['sha256', 'object_key'])
      .where('organisation_id', '=', organisationId)
      .where('sha256', '=', sha256)
      .executeTakeFirst();
    if (photo) await checkOriginal(context, organisationId, photo);
  } catch (cause) {
    context.log.warn({ err: cause }, 'a photo that may be lost cannot be looked at now');
  }
}

export function isLoss(error: unknown): boolean {
  return error instanceof AppError && ['NOT_FOUND', 'CHECKSUM_MISMATCH'].includes(error.code);
}

/** True while the photo waits to be sent again. */
export async function isMissing(
  db: Handle,
  organisationId: string,
  sha256: Buffer,
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from photos where organisation_id = ${organisationId} and sha256 = ${sha256}
       and state = 'missing'`.execute(db);
  return rows.length > 0;
}

/**
 * The bytes are at their key again, read and hashed: the photo stands as before, and what was not
 * counted for want of them is counted. Answers its state. In the caller's transaction.
 */
export async function restorePhoto(
  trx: Transaction,
  organisationId: string,
  sha256: Buffer,
): Promise<string | null> {
  const { rows } = await sql<{ state: string }>`
    update photos set missing_since = null, missing_reason = null,
           state = case when quarantine_reason is null then 'stored' else 'quarantined' end
     where organisation_id = ${organisationId} and sha256 = ${sha256} and state = 'missing'
    returning state`.execute(trx);
  const [restored] = rows;
  if (!restored) return null;
  await trx
    .deleteFrom('photo_requests')
    .where('organisation_id', '=', organisationId)
    .where('sha256', '=', sha256)
    .execute();
  await sql`
    with unread as (
      update photo_sessions s set state = 'pending', error_code = null, error_message = null,
             updated_at = now()
        from runs r
       where r.organisation_id = ${organisationId} and r.sha256 = ${sha256}
         and r.state = 'quarantined' and s.organisation_id = r.organisation_id
         and s.current_run_id = r.id and s.error_code in ('NOT_FOUND', 'CHECKSUM_MISMATCH')
      returning s.current_run_id as run_id
    ), again as (
      update runs r set state = 'waiting', completed_at = null from unread
       where r.organisation_id = ${organisationId} and r.id = unread.run_id
    )
    insert into run_queue (organisation_id, run_id, lane, site, correlation_id)
    select ${organisationId}, unread.run_id, ${LANE_BACKLOG}, 'restored',
           (select correlation_id from sightings where organisation_id = ${organisationId}
               and sha256 = ${sha256} order by id limit 1)
      from unread`.execute(trx);
  return restored.state;
}

/** Registers the metrics; the gauge is read from the database whenever somebody asks. */
export function observeMissing({ db, metrics, organisationId }: CoreContext): void {
  lostCounter(metrics);
  new Gauge({
    name: 'demeter_photos_missing',
    help: 'Photos whose original is gone or changed, and that no box has sent again.',
    registers: [metrics.registry],
    async collect() {
      const { rows } = await sql<{ photos: number }>`
        select count(*) as photos from photos
         where organisation_id = ${organisationId} and state = 'missing'`.execute(db);
      this.set(rows[0]?.photos ?? 0);
    },
  });
}

function lostCounter({ registry }: CoreContext['metrics']): Counter<'reason'> {
  return counterOf(registry, {
    name: 'demeter_originals_lost_total',
    help: 'Originals found gone or changed.',
    labelNames: ['reason'],
  });
}
