import { type Kysely, sql } from 'kysely';

/** A camera that looks at one place names it; and runs whose pictures are still to be drawn. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table photos drop constraint photos_location_source_check`.execute(db);
  await sql`
    alter table photos add constraint photos_location_source_check
      check (location_source in ('explicit', 'tag', 'camera', 'gps', 'person'))`.execute(db);
  await sql`
    create index runs_undrawn on runs (organisation_id, completed_at)
      where state = 'completed' and overlay_key is null`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index runs_undrawn`.execute(db);
  await sql`
    update photos set location_source = 'explicit' where location_source = 'camera'`.execute(db);
  await sql`alter table photos drop constraint photos_location_source_check`.execute(db);
  await sql`
    alter table photos add constraint photos_location_source_check
      check (location_source in ('explicit', 'tag', 'gps', 'person'))`.execute(db);
}
