import { afterAll } from 'bun:test';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { type Database, openDatabase } from './database.ts';
import { MIGRATIONS_FOLDER, migrateUp } from './migrate.ts';

/** Superuser URL of a PostGIS cluster; unset: tests that need it are left out, by name. */
export const TEST_DATABASE_URL = process.env.DEMETER_TEST_DATABASE_URL;

export interface TestDatabase {
  readonly db: Database;
  readonly url: string;
}

const LOCK = 0x64656d65;

/**
 * A database of this test file's own, cloned from a migrated template; dropped after its tests.
 * To be called at the top of the file, where `afterAll` means the whole file.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  if (!TEST_DATABASE_URL) throw new Error('DEMETER_TEST_DATABASE_URL is not set');
  const admin = new pg.Client({ connectionString: TEST_DATABASE_URL });
  await admin.connect();
  const name = `demeter_test_${process.pid}_${crypto.randomUUID().slice(0, 8)}`;
  try {
    const template = await ensureTemplate(admin);
    await admin.query(`create database ${name} template ${template}`);
  } catch (error) {
    await admin.end();
    throw error;
  }
  const url = urlOf(name);
  const opened = await openDatabase({ url, poolSize: 10 });
  afterAll(async () => {
    await opened.close();
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  });
  return { db: opened.db, url };
}

/** One template per state of the migrations; a lock keeps two test processes from making it twice. */
async function ensureTemplate(admin: pg.Client): Promise<string> {
  const template = `demeter_template_${await migrationsHash()}`;
  await admin.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [
      template,
    ]);
    if (rowCount === 0) {
      const building = `${template}_new`;
      await admin.query(`drop database if exists ${building} with (force)`);
      await admin.query(`create database ${building}`);
      const { db, close } = await openDatabase({ url: urlOf(building), poolSize: 1 });
      await migrateUp(db);
      await close();
      await admin.query(`alter database ${building} rename to ${template}`);
    }
    return template;
  } finally {
    await admin.query('select pg_advisory_unlock($1)', [LOCK]);
  }
}

async function migrationsHash(): Promise<string> {
  const hash = createHash('sha256');
  const files = (await readdir(MIGRATIONS_FOLDER)).filter((name) => name.endsWith('.ts')).sort();
  for (const file of files)
    hash.update(file).update(await readFile(path.join(MIGRATIONS_FOLDER, file)));
  return hash.digest('hex').slice(0, 16);
}

function urlOf(database: string): string {
  const url = new URL(TEST_DATABASE_URL ?? '');
  url.pathname = `/${database}`;
  return url.href;
}
