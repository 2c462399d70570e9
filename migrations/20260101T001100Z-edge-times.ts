import { type Kysely, sql } from 'kysely';

/** What boxes' clocks are worth, and photos that a policy keeps on their box. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const flags = sql.raw("('ok', 'corrected', 'implausible', 'order_only')");
  await sql`
    alter table sightings
      -- Starts of the box's machine are counted: the order of sightings is this number, then
      -- monotonic_ms, then sequence, whatever its wall clock said.
      add column boot_number bigint check (boot_number >= 0),
      -- True time less the box's clock when it accepted the photo; null where nobody knows.
      add column clock_offset_ms bigint,
      -- captured_at as it was said, where it was corrected.
      add column captured_at_said timestamptz,
      add column time_flag text not null default 'ok' check (time_flag in ${flags})`.execute(db);
  await sql`
    alter table photos
      add column captured_at_said timestamptz,
      add column time_flag text not null default 'ok' check (time_flag in ${flags})`.execute(db);

  // The last contact within each start of a box's machine: its clocks beside the core's.
  await sql`
    create table edge_contacts (
      organisation_id uuid not null,
      edge_id uuid not null,
      boot_id text not null,
      boot_number bigint,
      monotonic_ms double precision not null,
      -- By the box's wall clock, uncorrected.
      box_at timestamptz not null,
      received_at timestamptz not null,
      primary key (organisation_id, edge_id, boot_id),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id)
    )`.execute(db);

  // A photo that the core does not hold: its box keeps it by a policy, and has sent a small
  // picture in its stead or none. Never counted, never booked.
  await sql`
    create table stand_ins (
      organisation_id uuid not null,
      edge_id uuid not null,
      sha256 bytea not null check (octet_length(sha256) = 32),
      state text not null check (state in ('kept', 'resolved')),
      policy text not null,
      forward text not null check (forward in ('thumbnail', 'hold')),
      verdict jsonb,
      size_bytes bigint not null check (size_bytes > 0),
      media_type text not null,
      camera text not null,
      place jsonb,
      captured_at timestamptz,
      time_flag text not null check (time_flag in ${flags}),
      accepted_at timestamptz not null,
      -- The box gives the photo up then; null: when somebody decides.
      kept_until timestamptz,
      thumbnail bytea,
      thumbnail_media_type text,
      received_at timestamptz not null,
      resolved_at timestamptz,
      primary key (organisation_id, edge_id, sha256),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id),
      check ((thumbnail is null) = (thumbnail_media_type is null)),
      check ((state = 'resolved') = (resolved_at is not null))
    )`.execute(db);
  await sql`create index stand_ins_received
    on stand_ins (organisation_id, received_at, sha256)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table stand_ins, edge_contacts`.execute(db);
  await sql`
    alter table sightings
      drop column boot_number,
      drop column clock_offset_ms,
      drop column captured_at_said,
      drop column time_flag`.execute(db);
  await sql`alter table photos drop column captured_at_said, drop column time_flag`.execute(db);
}
