import { type Kysely, sql } from 'kysely';

/** Sightings that a box has noted anew from a photo's bytes, because its notes were spoilt. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table sightings add column recovered boolean not null default false`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table sightings drop column recovered`.execute(db);
}
