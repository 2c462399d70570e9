import { type Kysely, sql } from 'kysely';

/** Photos, who saw them, what the models said of them, and the work still to do. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table edges (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      code text not null,
      name text not null,
      -- The credential that is accepted; another one of this edge is refused.
      credential_jti text,
      created_at timestamptz not null default now(),
      last_seen_at timestamptz,
      version text,
      revoked_at timestamptz,
      primary key (organisation_id, id),
      unique (organisation_id, code)
    )`.execute(db);

  await sql`
    create table cameras (
      organisation_id uuid not null,
      id uuid not null,
      edge_id uuid not null,
      code text not null,
      name text not null,
      storage_location_id uuid,
      created_at timestamptz not null default now(),
      primary key (organisation_id, id),
      unique (organisation_id, edge_id, code),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id),
      foreign key (organisation_id, storage_location_id)
        references storage_locations (organisation_id, id)
    )`.execute(db);

  // What runs are made with: roles → model digests, parameters, pipeline version (RFC 8785).
  await sql`
    create table pipelines (
      organisation_id uuid not null references organisations (id),
      digest bytea not null check (octet_length(digest) = 32),
      definition jsonb not null,
      created_at timestamptz not null default now(),
      -- The latest activation is the pipeline of new photos.
      activated_at timestamptz not null default now(),
      primary key (organisation_id, digest)
    )`.execute(db);

  // One visit to one place.
  await sql`
    create table photo_sessions (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      state text not null check (state in ('pending', 'processing', 'completed', 'failed',
        'needs_location', 'needs_config', 'needs_calibration')),
      storage_location_id uuid,
      current_run_id uuid,
      -- Plants that the current run found; filled in waiting states too.
      detected integer check (detected >= 0),
      error_code text,
      error_message text,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (organisation_id, id),
      foreign key (organisation_id, storage_location_id)
        references storage_locations (organisation_id, id)
    )`.execute(db);
  await sql`
    create index photo_sessions_state on photo_sessions (organisation_id, state, id)`.execute(db);
  await sql`
    create index photo_sessions_location
      on photo_sessions (organisation_id, storage_location_id, id)`.execute(db);

  await sql`
    create table photos (
      organisation_id uuid not null references organisations (id),
      sha256 bytea not null check (octet_length(sha256) = 32),
      photo_session_id uuid not null,
      state text not null check (state in ('stored', 'quarantined', 'expired', 'erased')),
      quarantine_reason text,
      size_bytes bigint not null check (size_bytes > 0),
      media_type text not null,
      -- Of the upright photo; null until it was decoded or where it cannot be.
      width integer check (width > 0),
      height integer check (height > 0),
      object_key text not null,
      storage_location_id uuid,
      location_source text check (location_source in ('explicit', 'tag', 'gps', 'person')),
      -- [{"storage_location_id", "source", "distance_m"}] where no single place was found.
      location_candidates jsonb not null default '[]',
      position geometry(Point, 4326),
      position_accuracy_m double precision,
      captured_at timestamptz,
      exif jsonb,
      received_at timestamptz not null default now(),
      primary key (organisation_id, sha256),
      foreign key (organisation_id, photo_session_id)
        references photo_sessions (organisation_id, id),
      foreign key (organisation_id, storage_location_id)
        references storage_locations (organisation_id, id),
      check ((storage_location_id is null) = (location_source is null))
    )`.execute(db);
  await sql`
    create index photos_received on photos (organisation_id, received_at, sha256)`.execute(db);
  await sql`create index photos_session on photos (organisation_id, photo_session_id)`.execute(db);

  await sql`
    create table sightings (
      organisation_id uuid not null,
      id uuid not null,
      sha256 bytea not null,
      source text not null check (source in ('edge', 'upload')),
      -- Unique per source: the edge's ULID with its edge, or a ULID made at direct upload.
      source_key text not null,
      edge_id uuid,
      camera text,
      boot_id text,
      sequence bigint,
      monotonic_ms double precision,
      file_name text,
      captured_at timestamptz,
      captured_at_source text not null default 'none'
        check (captured_at_source in ('exif', 'device', 'file', 'none')),
      accepted_at timestamptz not null,
      registered_at timestamptz not null default now(),
      place jsonb,
      verdict jsonb,
      uploaded_by text,
      correlation_id text not null,
      traceparent text,
      primary key (organisation_id, id),
      unique (organisation_id, source_key),
      foreign key (organisation_id, sha256) references photos (organisation_id, sha256),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id)
    )`.execute(db);
  await sql`create index sightings_photo on sightings (organisation_id, sha256, id)`.execute(db);
  await sql`create index sightings_edge on sightings (organisation_id, edge_id, id)`.execute(db);

  await sql`
    create table runs (
      organisation_id uuid not null,
      id uuid not null,
      sha256 bytea not null,
      pipeline_digest bytea not null,
      state text not null
        check (state in ('waiting', 'processing', 'completed', 'failed', 'quarantined')),
      detected integer check (detected >= 0),
      -- {"class": count}
      counts jsonb,
      capped boolean not null default false,
      counted_long_side_px integer,
      tiles integer,
      -- Milliseconds per stage.
      timings jsonb,
      provider text,
      server_id text,
      overlay_key text,
      thumbnail_key text,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      completed_at timestamptz,
      primary key (organisation_id, id),
      unique (organisation_id, sha256, pipeline_digest),
      foreign key (organisation_id, sha256) references photos (organisation_id, sha256),
      foreign key (organisation_id, pipeline_digest) references pipelines (organisation_id, digest)
    )`.execute(db);

  // Why tries failed, so that a quarantined photo can be understood.
  await sql`
    create table run_attempts (
      organisation_id uuid not null,
      id uuid not null,
      run_id uuid not null,
      server_id text not null,
      code text not null,
      message text not null,
      at timestamptz not null default now(),
      primary key (organisation_id, id),
      foreign key (organisation_id, run_id) references runs (organisation_id, id)
    )`.execute(db);
  await sql`create index run_attempts_run on run_attempts (organisation_id, run_id, id)`.execute(
    db,
  );

  // A row is one run to make. A lease moves available_at to its expiry, so that waiting and
  // lapsed rows are found by one index, whatever the number of rows.
  await sql`
    create table run_queue (
      organisation_id uuid not null,
      run_id uuid not null,
      -- 0 live, 1 backlog, 2 bulk.
      lane smallint not null check (lane between 0 and 9),
      -- Whose turn: the edge's id, or "direct"; sites of a lane take turns.
      site text not null,
      available_at timestamptz not null default now(),
      enqueued_at timestamptz not null default now(),
      leased_by text,
      lease_id uuid,
      attempts smallint not null default 0,
      correlation_id text not null,
      traceparent text,
      primary key (organisation_id, run_id),
      foreign key (organisation_id, run_id) references runs (organisation_id, id)
    )`.execute(db);
  await sql`create index run_queue_turn on run_queue (lane, site, available_at)`.execute(db);
  await sql`create index run_queue_leased_by on run_queue (leased_by) where leased_by is not null`.execute(
    db,
  );

  // Partitioned by the month (UTC) in which the run was created; the core makes partitions ahead.
  await sql`
    create table detections (
      organisation_id uuid not null,
      run_id uuid not null,
      run_created_at timestamptz not null,
      -- 0 is the most confident one of its run.
      ordinal integer not null,
      class_name text not null,
      confidence real not null check (confidence between 0 and 1),
      -- Pixels of the upright photo.
      x1 real not null,
      y1 real not null,
      x2 real not null,
      y2 real not null,
      primary key (organisation_id, run_created_at, run_id, ordinal),
      check (x1 <= x2 and y1 <= y2)
    ) partition by range (run_created_at)`.execute(db);
  await sql`create table detections_default partition of detections default`.execute(db);

  // What the photo's plants were taken for, from the location's configuration.
  await sql`
    create table classifications (
      organisation_id uuid not null,
      run_id uuid not null,
      storage_location_config_id uuid not null,
      product_id uuid not null,
      product_state_id uuid,
      product_size_id uuid,
      packaging_id uuid,
      confidence real not null check (confidence between 0 and 1),
      warning text,
      created_at timestamptz not null default now(),
      primary key (organisation_id, run_id),
      foreign key (organisation_id, run_id) references runs (organisation_id, id),
      foreign key (organisation_id, storage_location_config_id)
        references storage_location_configs (organisation_id, id),
      foreign key (organisation_id, product_id) references products (organisation_id, id),
      foreign key (organisation_id, product_state_id)
        references product_states (organisation_id, id),
      foreign key (organisation_id, product_size_id)
        references product_sizes (organisation_id, id),
      foreign key (organisation_id, packaging_id) references packagings (organisation_id, id)
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table classifications, detections, run_queue, run_attempts, runs, sightings,
    photos, photo_sessions, pipelines, cameras, edges`.execute(db);
}
