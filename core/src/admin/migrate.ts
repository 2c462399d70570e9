import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '@demeter/common/errors';
import { MIGRATIONS_FOLDER, migrateDown, migrateUp, readMigrations } from '../db/migrate.ts';
import type { AdminContext } from './admin-context.ts';
import type { Answer, Arguments } from './command.ts';

const TEMPLATE = `import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql\`\`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql\`\`.execute(db);
}
`;

export async function migrate(context: AdminContext, { words }: Arguments): Promise<Answer> {
  const [action, name] = words;
  switch (action) {
    case 'up':
      return { applied: await migrateUp(context.db) };
    case 'down':
      return { taken_back: await migrateDown(context.db) };
    case 'status':
      return (await readMigrations(context.db)).map((one) => ({
        migration: one.name,
        applied_at: one.appliedAt,
        known: one.known,
      }));
    case 'create':
      return { created: await createMigration(name, context.now()) };
    default:
      throw new AppError('INVALID_INPUT', 'Usage: migrate up | down | status | create NAME.');
  }
}

/** A new empty file, named by the time so that it sorts after all others. */
async function createMigration(name: string | undefined, now: Date): Promise<string> {
  if (!name || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw new AppError('INVALID_INPUT', 'A migration is named in lower case: add-plant-height.');
  }
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const file = path.join(MIGRATIONS_FOLDER, `${stamp}-${name}.ts`);
  await writeFile(file, TEMPLATE, { flag: 'wx' });
  return path.relative(process.cwd(), file);
}
