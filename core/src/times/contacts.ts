import type { Handle } from '../db/database.ts';
import type { Contact } from './box-clock.ts';

interface Box {
  readonly organisationId: string;
  readonly edgeId: string;
}

/** Starts of a box that are looked at; a box that starts daily has so many in three years. */
const STARTS_MAX = 1000;

/** Keeps the last contact of each start of a box's machine. */
export async function noteContact(db: Handle, box: Box, contact: Contact): Promise<void> {
  const { bootNumber } = contact;
  const values = {
    ...(bootNumber === null ? {} : { boot_number: bootNumber }),
    monotonic_ms: contact.monotonicMs,
    box_at: new Date(contact.wallMs),
    received_at: new Date(contact.receivedMs),
  };
  await db
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
    .execute();
}

export async function readContacts(db: Handle, box: Box): Promise<Contact[]> {
  const rows = await db
    .selectFrom('edge_contacts')
    .select(['boot_id', 'boot_number', 'monotonic_ms', 'box_at', 'received_at'])
    .where('organisation_id', '=', box.organisationId)
    .where('edge_id', '=', box.edgeId)
    .orderBy('received_at', 'desc')
    .limit(STARTS_MAX)
    .execute();
  return rows.map((row) => ({
    bootId: row.boot_id,
    bootNumber: row.boot_number,
    monotonicMs: row.monotonic_ms,
    wallMs: row.box_at.getTime(),
    receivedMs: row.received_at.getTime(),
  }));
}
