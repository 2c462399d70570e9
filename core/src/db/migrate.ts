import { promises as fs } from 'node:fs';
import path from 'node:path';
import { AppError } from '@demeter/common/errors';
import { sql } from 'kysely';
import { FileMigrationProvider, type MigrationResultSet, Migrator } from 'kysely/migration';
import type { Database } from './database.ts';

/** Migrations are loaded as files, so that no part imports them. */
export const MIGRATIONS_FOLDER = path.resolve(import.meta.dir, '../../../migrations');

/**
 * The oldest schema this code works with: the last migration of the release before. There is no
 * release before the first one, so it is that one's own.
 */
const OLDEST_SUPPORTED = '20260101T001100Z-edge-times';

/** `create NAME` and the order of migrations both rest on this form. */
export const MIGRATION_FILE = /^(\d{8}T\d{6}Z-[a-z0-9-]+)\.ts$/;

export interface MigrationStatus {
  readonly name: string;
  readonly appliedAt: string | null;
  /** False where the database knows a migration that has no file here. */
  readonly known: boolean;
}

function migratorOf(db: Database): Migrator {
  const provider = new FileMigrationProvider({
    fs: {
      readdir: async (folder) =>
        (await fs.readdir(folder)).filter((name) => MIGRATION_FILE.test(name)),
    },
    path,
    migrationFolder: MIGRATIONS_FOLDER,
  });
  return new Migrator({ db, provider });
}

/** Applies all migrations; answers the names of those applied now. */
export async function migrateUp(db: Database): Promise<string[]> {
  return applied(await migratorOf(db).migrateToLatest());
}

/** Takes the latest migration back. */
export async function migrateDown(db: Database): Promise<string[]> {
  return applied(await migratorOf(db).migrateDown());
}

function applied({ error, results }: MigrationResultSet): string[] {
  if (error) throw error;
  return (results ?? []).filter((one) => one.status === 'Success').map((one) => one.migrationName);
}

/** What is applied, and what is not yet. */
export async function readMigrations(db: Database): Promise<MigrationStatus[]> {
  const files = (await fs.readdir(MIGRATIONS_FOLDER))
    .map((file) => MIGRATION_FILE.exec(file)?.[1])
    .filter((name) => name !== undefined)
    .sort();
  const done = await readApplied(db);
  const names = [...new Set([...files, ...done.keys()])].sort();
  return names.map((name) => ({
    name,
    appliedAt: done.get(name) ?? null,
    known: files.includes(name),
  }));
}

async function readApplied(db: Database): Promise<Map<string, string>> {
  const { rows: tables } = await sql<{ found: string | null }>`
    select to_regclass('kysely_migration')::text as found`.execute(db);
  if (!tables[0]?.found) return new Map();
  const { rows } = await sql<{ name: string; timestamp: string }>`
    select name, timestamp from kysely_migration`.execute(db);
  return new Map(rows.map((row) => [row.name, row.timestamp]));
}

/**
 * Refuses a schema that is newer than this code, or older than the release before it.
 * Throws SCHEMA_UNKNOWN.
 */
export async function checkSchema(db: Database): Promise<void> {
  const migrations = await readMigrations(db);
  const unknown = migrations.find((one) => !one.known);
  if (unknown) {
    throw new AppError('SCHEMA_UNKNOWN', `The database has ${unknown.name}, which is newer.`, {
      hint: 'Start the version that belongs to this database.',
    });
  }
  const missing = migrations.find((one) => one.appliedAt === null && one.name <= OLDEST_SUPPORTED);
  if (missing) throw new AppError('SCHEMA_UNKNOWN', `The database lacks ${missing.name}.`);
}
