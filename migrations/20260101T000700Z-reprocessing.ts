import { type Kysely, sql } from 'kysely';

/** Bulk reprocessing: plans, what was started, and the outcome of each photo. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // True: made beside the session's current run, which it does not touch until it is promoted.
  await sql`alter table runs add column beside boolean not null default false`.execute(db);
  // A million runs beside the current ones must not stand before those that are to be drawn.
  await sql`drop index runs_undrawn`.execute(db);
  await sql`
    create index runs_undrawn on runs (organisation_id, completed_at)
      where state = 'completed' and overlay_key is null and not beside`.execute(db);
  // What a pipeline was measured to take.
  await sql`
    create index runs_of_pipeline on runs (organisation_id, pipeline_digest, completed_at)
      where state = 'completed'`.execute(db);
  // Leases and completions look for the session that shows a run.
  await sql`
    create index photo_sessions_current_run
      on photo_sessions (organisation_id, current_run_id)`.execute(db);
  await sql`
    create index photos_taken
      on photos (organisation_id, (coalesce(captured_at, received_at)))`.execute(db);

  // What a person was told a reprocessing would mean; gone when it expires.
  await sql`
    create table reprocessing_plans (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      -- The pipeline's definition, RFC 8785; it becomes a pipeline when the plan is started.
      definition jsonb not null,
      -- {"server_minutes_max", "deadline", "hours", "time_zone"}
      limits jsonb not null,
      -- Which photos; null: those of reprocessing_plan_photos.
      chosen jsonb,
      photos bigint,
      created_by text not null,
      -- Photos registered later are not part of it.
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      primary key (organisation_id, id)
    )`.execute(db);
  await sql`create index reprocessing_plans_expiry on reprocessing_plans (expires_at)`.execute(db);

  // Photos that a client named by their hashes; they are removed in parts, so nothing refers here.
  await sql`
    create table reprocessing_plan_photos (
      organisation_id uuid not null,
      plan_id uuid not null,
      sha256 bytea not null,
      primary key (organisation_id, plan_id, sha256)
    )`.execute(db);

  await sql`
    create table reprocessings (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      plan_id uuid not null,
      name text not null,
      state text not null check (state in ('running', 'paused', 'completed', 'cancelled',
        'promoting', 'promoted', 'discarded')),
      pause_reason text check (pause_reason in ('person', 'budget', 'deadline', 'hours')),
      pipeline_digest bytea not null,
      -- "name/version"
      model text not null,
      limits jsonb not null,
      chosen jsonb,
      -- Photos registered from then on are not part of it.
      planned_at timestamptz not null,
      -- All photos up to this hash have an item; null: none yet.
      expanded_to bytea,
      expanded boolean not null default false,
      -- As planned; as found, once all have an item.
      photos bigint not null,
      -- The last position given to an item that is done.
      position bigint not null default 0,
      counted bigint not null default 0,
      reused bigint not null default 0,
      failed bigint not null default 0,
      server_ms double precision not null default 0,
      -- Server-milliseconds at which it pauses; grows when a person resumes it.
      server_ms_max double precision,
      plants_before bigint not null default 0,
      plants_after bigint not null default 0,
      -- Items up to this position are promoted.
      promoted_to bigint not null default 0,
      -- Promoted ones whose place's stock needed no change; ones that could not be promoted.
      unchanged bigint not null default 0,
      refused bigint not null default 0,
      created_by text not null,
      created_at timestamptz not null default now(),
      ended_at timestamptz,
      primary key (organisation_id, id),
      unique (organisation_id, plan_id),
      foreign key (organisation_id, pipeline_digest) references pipelines (organisation_id, digest)
    )`.execute(db);
  await sql`
    create index reprocessings_at_work on reprocessings (organisation_id, id)
      where state in ('running', 'paused', 'promoting')`.execute(db);

  // One photo of a reprocessing, made a few hundred at a time while it runs. It is done when it
  // has a position; positions are given under the lock of the reprocessing's row, so that they
  // become visible in their order.
  await sql`
    create table reprocessing_items (
      organisation_id uuid not null,
      reprocessing_id uuid not null,
      sha256 bytea not null,
      -- Null: no bytes in the store to count.
      run_id uuid,
      -- What was current when the item was made.
      run_before uuid,
      detected_before integer,
      outcome text check (outcome in ('counted', 'reused', 'failed')),
      error_code text,
      position bigint,
      primary key (organisation_id, reprocessing_id, sha256),
      foreign key (organisation_id, reprocessing_id) references reprocessings (organisation_id, id),
      foreign key (organisation_id, sha256) references photos (organisation_id, sha256),
      foreign key (organisation_id, run_id) references runs (organisation_id, id),
      check (position is null or outcome is not null)
    )`.execute(db);
  await sql`
    create unique index reprocessing_items_position
      on reprocessing_items (organisation_id, reprocessing_id, position)
      where position is not null`.execute(db);
  await sql`
    create index reprocessing_items_waiting
      on reprocessing_items (organisation_id, reprocessing_id) where position is null`.execute(db);
  await sql`
    create index reprocessing_items_run on reprocessing_items (organisation_id, run_id)`.execute(
    db,
  );
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table reprocessing_items, reprocessings, reprocessing_plan_photos,
    reprocessing_plans`.execute(db);
  await sql`drop index photos_taken, photo_sessions_current_run, runs_of_pipeline,
    runs_undrawn`.execute(db);
  await sql`alter table runs drop column beside`.execute(db);
  await sql`
    create index runs_undrawn on runs (organisation_id, completed_at)
      where state = 'completed' and overlay_key is null`.execute(db);
}
