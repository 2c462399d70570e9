import { describe, expect, test } from 'bun:test';
import path from 'node:path';
import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { rejection } from '@demeter/common/testing';
import { sql } from 'kysely';
import { renderSchema } from '../../scripts/generate-schema.ts';
import { createTestDatabase, TEST_DATABASE_URL } from './_test-database.ts';
import { checkedNumber, openDatabase } from './database.ts';
import { checkSchema, migrateDown, migrateUp, readMigrations } from './migrate.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const migrated = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

describe.skipIf(!database)('database (PostgreSQL)', () => {
  const { db } = database ?? ({} as never);

  test('numbers come as numbers, and what a double cannot hold is refused', async () => {
    const { rows } = await sql<Record<string, unknown>>`
      select 9007199254740991::bigint as big, 12.50::numeric as price, '2026-07-05'::date as day,
             count(*) as count from (values (1), (2)) as two`.execute(db);
    expect(rows[0]).toEqual({
      big: 9_007_199_254_740_991,
      price: 12.5,
      day: '2026-07-05',
      count: 2,
    });
    const error = await rejection(sql`select 9007199254740992::bigint as big`.execute(db));
    expect(error).toBeInstanceOf(RangeError);
  });

  test('the committed types are those of the migrations', async () => {
    const committed = await Bun.file(path.join(import.meta.dir, 'schema.gen.ts')).text();
    expect(await renderSchema(db)).toBe(committed);
  });

  test('a server that is away is DATABASE_UNAVAILABLE', async () => {
    const url = 'postgresql://postgres@127.0.0.1:1/none';
    const error = await rejection(openDatabase({ url, poolSize: 1 }));
    expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });
});

test('checked numbers', () => {
  expect(checkedNumber('-12.5')).toBe(-12.5);
  for (const text of ['9007199254740993', 'NaN', 'Infinity']) {
    expect(() => checkedNumber(text)).toThrow(RangeError);
  }
});

describe.skipIf(!migrated)('migrations (PostgreSQL)', () => {
  const { db } = migrated ?? ({} as never);

  test('go down to nothing and up again, and the schema check follows', async () => {
    await checkSchema(db);
    const all = await readMigrations(db);
    for (const { name } of all.toReversed()) expect(await migrateDown(db)).toEqual([name]);
    const { rows } = await sql<{ tables: number }>`
      select count(*) as tables from pg_tables where schemaname = 'public'
         and tablename not like 'kysely%' and tablename <> 'spatial_ref_sys'`.execute(db);
    expect(rows[0]?.tables).toBe(0);
    expect(await rejection(checkSchema(db))).toMatchObject({ code: 'SCHEMA_UNKNOWN' });
    expect(await migrateUp(db)).toEqual(all.map(({ name }) => name));
    await checkSchema(db);
  });

  test('the latest go down and up again beside photos that stay', async () => {
    const [organisation, session] = [newId(), newId()];
    await sql`insert into organisations (id, code, name)
      values (${organisation}, 'm', 'm')`.execute(db);
    await sql`insert into photo_sessions (organisation_id, id, state)
      values (${organisation}, ${session}, 'pending')`.execute(db);
    await sql`insert into photos (organisation_id, sha256, photo_session_id, state, size_bytes,
        media_type, object_key, missing_since, missing_reason)
      values (${organisation}, ${Buffer.alloc(32)}, ${session}, 'missing', 1, 'image/jpeg', 'k',
        now(), 'gone')`.execute(db);
    const down: string[] = [];
    for (let step = 0; step < 5; step++) down.push(...(await migrateDown(db)));
    expect(await migrateUp(db)).toEqual(down.toReversed());
    const { rows } = await sql<{ state: string; time_flag: string }>`
      select state, time_flag from photos`.execute(db);
    expect(rows).toEqual([{ state: 'expired', time_flag: 'ok' }]);
  });

  test('a schema newer than the code is refused by name', async () => {
    await sql`insert into kysely_migration (name, timestamp)
              values ('29990101T000000Z-of-the-future', now()::text)`.execute(db);
    const error = await rejection(checkSchema(db));
    expect(error).toBeInstanceOf(AppError);
    expect(String(error)).toContain('29990101T000000Z-of-the-future');
  });
});
