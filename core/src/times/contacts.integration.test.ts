import { expect, test } from 'bun:test';
import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import { createTestCore } from '../_test-core.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { noteContact, readContacts } from './contacts.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

test.skipIf(!database)(
  'contacts of the last thousand starts are kept; that of a start says all of it (needs DEMETER_TEST_DATABASE_URL)',
  async () => {
    const { db } = database!;
    const { organisationId } = await createTestCore(db);
    const box = { organisationId, edgeId: newId() };
    const other = { organisationId, edgeId: newId() };
    for (const { edgeId } of [box, other]) {
      await sql`insert into edges (organisation_id, id, code, name)
        values (${organisationId}, ${edgeId}, ${edgeId}, 'x')`.execute(db);
      await sql`
        insert into edge_contacts (organisation_id, edge_id, boot_id, monotonic_ms, box_at, received_at)
        select ${organisationId}, ${edgeId}, 'start-' || n, 5, now(),
               '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 day'
          from generate_series(1, 1000) n`.execute(db);
    }
    const contact = {
      bootId: 'start-1001',
      bootNumber: 1001,
      monotonicMs: 7,
      wallMs: Date.parse('2031-01-01T00:00:00Z'),
      receivedMs: Date.parse('2031-01-01T00:00:01Z'),
    };
    await noteContact(db, box, contact);
    await noteContact(db, box, { ...contact, receivedMs: contact.receivedMs + 1_000 });
    expect(await readContacts(db, box, 'start-1001')).toEqual([
      { ...contact, receivedMs: contact.receivedMs + 1_000 },
    ]);
    const all = await readContacts(db, box, 'never reached');
    expect(all).toHaveLength(1_000);
    const ids = all.map(({ bootId }) => bootId);
    expect(ids).not.toContain('start-1');
    expect(ids).toContain('start-2');
    expect(await readContacts(db, other, 'never reached')).toHaveLength(1_000);
  },
  240_000,
);
