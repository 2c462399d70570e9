import { type Kysely, sql } from 'kysely';

/** A movement sent again after its answer was lost is known by the key its client gave it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table stock_movements add column request_key text`.execute(db);
  await sql`
    create unique index stock_movements_request
      on stock_movements (organisation_id, created_by, request_key)
      where request_key is not null`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table stock_movements drop column request_key`.execute(db);
}
