import { sql } from 'kysely';
import type { Handle } from '../db/database.ts';
import type { Contact } from './box-clock.ts';

interface Box {
  readonly organisationId: string;
  readonly edgeId: string;
}

/** Starts of a box that are kept; a box that starts daily has so many in three years. */
const STARTS_MAX = 1000;

/** Keeps the last contact of each of a box's last starts. */
export async function noteContact(db: Handle, box: Box, contact: Contact): Promise<void> {
  const { bootNumber } = contact;
  const values = {
    ...(bootNumber === null ? {} : { boot_number: bootNumber }),
    monotonic_ms: contact.monotonicMs,
    box_at: new Date(contact.wallMs),
    received_at: new Date(contact.receivedMs),
  };
  const noted = await db
    .insertInto('edge_contacts')
    .values({
      organisation_id: box.organisationId,
      edge_id: box.edgeId,
      boot_id: contact.bootId,
      ...values,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['organisation_id', 'edge_id', 'boot_id'])
        .doUpdateSet(values)
        .where('edge_contacts.received_at', '<', values.received_at),
    )
    // Of a row that was there before it is not 0.
    .returning(sql<boolean>`xmax = 0`.as('isNew'))
    .executeTakeFirst();
  if (noted?.isNew) await forgetOldest(db, box);
}

async function forgetOldest(db: Handle, { organisationId, edgeId }: Box): Promise<void> {
  await sql`
    delete from edge_contacts
     where organisation_id = ${organisationId} and edge_id = ${edgeId}
       and received_at <= (
         select received_at from edge_contacts
          where organisation_id = ${organisationId} and edge_id = ${edgeId}
          order by received_at desc offset ${STARTS_MAX} limit 1)`.execute(db);
}

/** The contact of this start, which says all; where the core had none, those of all starts. */
export async function readContacts(db: Handle, box: Box, bootId: string): Promise<Contact[]> {
  const ofBox = db
    .selectFrom('edge_contacts')
    .select(['boot_id', 'boot_number', 'monotonic_ms', 'box_at', 'received_at'])
    .where('organisation_id', '=', box.organisationId)
    .where('edge_id', '=', box.edgeId);
  const ofStart = await ofBox.where('boot_id', '=', bootId).execute();
  const rows = ofStart.length > 0 ? ofStart : await ofBox.execute();
  return rows.map((row) => ({
    bootId: row.boot_id,
    bootNumber: row.boot_number,
    monotonicMs: row.monotonic_ms,
    wallMs: row.box_at.getTime(),
    receivedMs: row.received_at.getTime(),
  }));
}
