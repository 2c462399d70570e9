import { type Kysely, sql } from 'kysely';

/** The stand-ins of one box in the order in which they came: beyond its bound the oldest go. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index stand_ins_of_edge
    on stand_ins (organisation_id, edge_id, received_at, sha256)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index stand_ins_of_edge`.execute(db);
}
