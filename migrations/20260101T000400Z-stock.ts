import { type Kysely, sql } from 'kysely';

/**
 * Stock: movements are the events and never change; a batch's current quantity is their sum,
 * kept by the database itself so that no code path can forget it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table stock_batches (
      organisation_id uuid not null,
      id uuid not null,
      code text not null,
      storage_location_id uuid not null,
      storage_bin_id uuid,
      product_id uuid not null,
      product_state_id uuid,
      product_size_id uuid,
      packaging_id uuid,
      quantity_initial integer not null default 0 check (quantity_initial >= 0),
      quantity_current integer not null default 0,
      quantity_empty_containers integer not null default 0
        check (quantity_empty_containers >= 0),
      quality numeric(2, 1) check (quality between 0 and 5),
      planted_on date,
      germinated_on date,
      transplanted_on date,
      ready_on date,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (organisation_id, id),
      unique (organisation_id, code),
      constraint stock_batches_not_below_zero check (quantity_current >= 0),
      foreign key (organisation_id, storage_location_id)
        references storage_locations (organisation_id, id),
      foreign key (organisation_id, storage_bin_id) references storage_bins (organisation_id, id),
      foreign key (organisation_id, product_id) references products (organisation_id, id),
      foreign key (organisation_id, product_state_id)
        references product_states (organisation_id, id),
      foreign key (organisation_id, product_size_id)
        references product_sizes (organisation_id, id),
      foreign key (organisation_id, packaging_id) references packagings (organisation_id, id)
    )`.execute(db);
  await sql`
    create index stock_batches_location
      on stock_batches (organisation_id, storage_location_id)`.execute(db);
  await sql`
    create index stock_batches_product on stock_batches (organisation_id, product_id)`.execute(db);

  await sql`
    create table stock_movements (
      organisation_id uuid not null,
      id uuid not null,
      stock_batch_id uuid not null,
      kind text not null check (kind in ('photo', 'manual_init', 'plant', 'sow', 'transplant',
        'death', 'sale', 'adjustment')),
      -- Signed plants.
      quantity integer not null check (quantity <> 0),
      occurred_at timestamptz not null,
      reason text,
      -- "user:<id>" or "system".
      created_by text not null,
      created_at timestamptz not null default now(),
      -- Both halves of a transplant.
      transfer_id uuid,
      -- The movement that this one takes back.
      counter_of_id uuid,
      -- Where a photo's movement came from.
      photo_session_id uuid,
      run_id uuid,
      photo_sha256 bytea,
      pipeline_digest bytea,
      storage_location_config_id uuid,
      primary key (organisation_id, id),
      unique (organisation_id, counter_of_id),
      foreign key (organisation_id, stock_batch_id) references stock_batches (organisation_id, id),
      foreign key (organisation_id, counter_of_id) references stock_movements (organisation_id, id),
      foreign key (organisation_id, photo_session_id)
        references photo_sessions (organisation_id, id),
      foreign key (organisation_id, run_id) references runs (organisation_id, id),
      foreign key (organisation_id, photo_sha256) references photos (organisation_id, sha256),
      foreign key (organisation_id, storage_location_config_id)
        references storage_location_configs (organisation_id, id),
      check (kind <> 'photo' or (photo_session_id is not null and run_id is not null
        and photo_sha256 is not null and pipeline_digest is not null)),
      check (kind <> 'adjustment' or reason is not null)
    )`.execute(db);
  await sql`
    create index stock_movements_batch
      on stock_movements (organisation_id, stock_batch_id, id)`.execute(db);
  await sql`
    create index stock_movements_photo
      on stock_movements (organisation_id, photo_session_id)
      where photo_session_id is not null`.execute(db);
  // A session is booked once in a batch, whatever is delivered twice.
  await sql`
    create unique index stock_movements_one_baseline
      on stock_movements (organisation_id, photo_session_id, stock_batch_id)
      where kind = 'photo'`.execute(db);

  // A later count proposes; a person, or a stated policy, decides.
  await sql`
    create table stock_proposals (
      organisation_id uuid not null,
      id uuid not null,
      photo_session_id uuid not null,
      run_id uuid not null,
      stock_batch_id uuid not null,
      counted integer not null check (counted >= 0),
      -- The batch's quantity when it was counted.
      current integer not null check (current >= 0),
      state text not null check (state in ('open', 'confirmed', 'rejected', 'superseded')),
      decided_by text,
      decided_at timestamptz,
      stock_movement_id uuid,
      created_at timestamptz not null default now(),
      primary key (organisation_id, id),
      unique (organisation_id, photo_session_id, run_id, stock_batch_id),
      foreign key (organisation_id, photo_session_id)
        references photo_sessions (organisation_id, id),
      foreign key (organisation_id, run_id) references runs (organisation_id, id),
      foreign key (organisation_id, stock_batch_id) references stock_batches (organisation_id, id),
      foreign key (organisation_id, stock_movement_id)
        references stock_movements (organisation_id, id)
    )`.execute(db);
  await sql`
    create index stock_proposals_batch
      on stock_proposals (organisation_id, stock_batch_id) where state = 'open'`.execute(db);
  await sql`
    create index stock_proposals_state on stock_proposals (organisation_id, state, id)`.execute(db);

  await sql`
    create function stock_movements_apply() returns trigger language plpgsql as $$
    begin
      update stock_batches
         set quantity_current = quantity_current + new.quantity, updated_at = now()
       where organisation_id = new.organisation_id and id = new.stock_batch_id;
      return new;
    end $$`.execute(db);
  await sql`
    create trigger stock_movements_apply after insert on stock_movements
      for each row execute function stock_movements_apply()`.execute(db);

  await sql`
    create function stock_movements_frozen() returns trigger language plpgsql as $$
    begin
      raise exception 'stock movements never change' using errcode = 'restrict_violation';
    end $$`.execute(db);
  await sql`
    create trigger stock_movements_frozen before update or delete on stock_movements
      for each row execute function stock_movements_frozen()`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table stock_proposals, stock_movements, stock_batches`.execute(db);
  await sql`drop function stock_movements_apply, stock_movements_frozen`.execute(db);
}
