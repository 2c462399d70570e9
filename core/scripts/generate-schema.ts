/**
 * Writes src/db/schema.gen.ts from a migrated database; with --check only compares, and fails on
 * a difference. Without a URL it migrates an embedded database of its own.
 *
 *   bun scripts/generate-schema.ts [--check] [postgresql://…]
 */
import path from 'node:path';
import { databaseUrl } from '@demeter/common/config';
import { PGlite } from '@electric-sql/pglite';
import { postgis } from '@electric-sql/pglite-postgis';
import { Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely';
import { type DatabaseMetadata, generate, PostgresDialect as Postgres } from 'kysely-codegen';
import pg from 'pg';
import { migrateUp } from '../src/db/migrate.ts';
import type { DB } from '../src/db/schema.gen.ts';

const OUT_FILE = path.resolve(import.meta.dir, '../src/db/schema.gen.ts');

/** The types of a migrated database, as text. */
export async function renderSchema(db: Kysely<DB>): Promise<string> {
  return await generate({
    db,
    dialect: new Postgres({ dateParser: 'string', numericParser: 'number' }),
    // What PostGIS, the migrator and the months' partitions bring is none of ours.
    excludePattern: '(*spatial_ref_sys|*geo*_columns|*kysely_*|*detections_*)',
    typeMapping: { int8: 'number', geometry: 'string' },
    outFile: null,
    postprocess: ({ db: handle, metadata }) => withCheckedValues(handle, metadata),
  });
}

/** `check (column in ('a', 'b'))` becomes the type `'a' | 'b'`. */
async function withCheckedValues(
  db: Kysely<unknown>,
  metadata: DatabaseMetadata,
): Promise<DatabaseMetadata> {
  const { rows } = await sql<{ name: string; definition: string }>`
    select conrelid::regclass::text as name, pg_get_constraintdef(oid) as definition
      from pg_constraint where contype = 'c'`.execute(db);
  for (const { name, definition } of rows) {
    const match = /^CHECK \(\(\(?"?(\w+)"? = ANY \(ARRAY\[(.+)\]\)\)?\)\)$/.exec(definition);
    const column = metadata.tables
      .find((table) => table.name === name)
      ?.columns.find((one) => one.name === match?.[1]);
    const values = [...(match?.[2] ?? '').matchAll(/'([^']+)'::text/g)].map((one) => one[1] ?? '');
    if (column && values.length > 0) column.enumValues = values;
  }
  return metadata;
}

async function openEmbedded(): Promise<Kysely<DB>> {
  const pglite = await PGlite.create({ extensions: { postgis } });
  const db = new Kysely<DB>({ dialect: new PGliteDialect({ pglite }) });
  await migrateUp(db);
  return db;
}

function openServer(url: string): Kysely<DB> {
  const pool = new pg.Pool({ connectionString: databaseUrl(url), max: 1 });
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  const url = process.argv.slice(2).find((argument) => argument.includes('://'));
  const db = url ? openServer(url) : await openEmbedded();
  const text = await renderSchema(db);
  await db.destroy();
  if (!check) {
    await Bun.write(OUT_FILE, text);
  } else if ((await Bun.file(OUT_FILE).text()) !== text) {
    console.error('core/src/db/schema.gen.ts differs: bun core/scripts/generate-schema.ts');
    process.exitCode = 1;
  }
}
