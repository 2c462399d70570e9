import { type Kysely, sql } from 'kysely';

/** For lists and looks that would read whole tables once there are years of photos. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create index photos_location
      on photos (organisation_id, storage_location_id, received_at, sha256)
      where storage_location_id is not null`.execute(db);
  await sql`
    create index photos_set_aside on photos (organisation_id, state, received_at, sha256)
      where state <> 'stored'`.execute(db);
  await sql`
    create index photo_sessions_active on photo_sessions (state)
      where state in ('pending', 'processing')`.execute(db);
  await sql`
    create index stock_movements_of_photo on stock_movements (organisation_id, photo_sha256, id)
      where photo_sha256 is not null`.execute(db);
  await sql`
    create index stock_movements_transfer on stock_movements (organisation_id, transfer_id)
      where transfer_id is not null`.execute(db);
  // Decided ones too: whether a count is older than one already decided.
  await sql`drop index stock_proposals_batch`.execute(db);
  await sql`
    create index stock_proposals_batch on stock_proposals (organisation_id, stock_batch_id)`.execute(
    db,
  );
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index photos_location, photos_set_aside, photo_sessions_active, stock_movements_of_photo,
    stock_movements_transfer, stock_proposals_batch`.execute(db);
  await sql`
    create index stock_proposals_batch
      on stock_proposals (organisation_id, stock_batch_id) where state = 'open'`.execute(db);
}
