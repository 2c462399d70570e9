import { type Kysely, sql } from 'kysely';

/** Boxes compare with the centre, are asked for photos it lost, and pull their configuration. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // A photo whose original is gone or has other bytes, until a box has sent it again.
  await sql`
    alter table photos
      drop constraint photos_state_check,
      add constraint photos_state_check
        check (state in ('stored', 'quarantined', 'expired', 'erased', 'missing')),
      add column missing_since timestamptz,
      add column missing_reason text check (missing_reason in ('gone', 'changed')),
      add constraint photos_missing_check check ((state = 'missing') = (missing_since is not null)
        and (state = 'missing') = (missing_reason is not null))`.execute(db);
  await sql`
    create index photos_missing on photos (organisation_id, sha256) where state = 'missing'`.execute(
    db,
  );
  await sql`
    create table photo_requests (
      organisation_id uuid not null,
      sha256 bytea not null,
      edge_id uuid not null,
      -- What the box said it does: sends it, or why it cannot.
      answer text not null check (answer in ('queued', 'evicted', 'unknown', 'changed')),
      answered_at timestamptz not null default now(),
      primary key (organisation_id, sha256, edge_id),
      foreign key (organisation_id, sha256) references photos (organisation_id, sha256),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id)
    )`.execute(db);

  // One core at a time reads the next portion of originals, in the order of their hashes.
  await sql`
    create table store_scrubs (
      organisation_id uuid primary key references organisations (id),
      -- The last original that was read; the next portion begins behind it.
      after_sha256 bytea not null default '',
      next_at timestamptz not null default now(),
      checked bigint not null default 0,
      lost bigint not null default 0
    )`.execute(db);

  // A box's sightings of one day (UTC) in the order in which both sides hash them.
  await sql`
    create index sightings_edge_day on sightings (organisation_id, edge_id,
      ((accepted_at at time zone 'UTC')::date), sha256, (right(source_key, 26) collate "C"))
      where edge_id is not null`.execute(db);

  await sql`
    alter table edges add column configuration_group text not null default 'default'`.execute(db);
  // What an administrator set, for one box or for a group's boxes; the last version counts.
  await sql`
    create table edge_configurations (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      edge_id uuid,
      group_code text,
      version integer not null check (version > 0),
      document jsonb not null,
      -- {"name": "version"}: files for the count on the box.
      models jsonb not null,
      not_before timestamptz,
      created_by text not null,
      created_at timestamptz not null default now(),
      primary key (organisation_id, id),
      unique (organisation_id, edge_id, version),
      unique (organisation_id, group_code, version),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id),
      check ((edge_id is null) <> (group_code is null))
    )`.execute(db);

  // What a box was given, signed; a change of its own or its group's configuration makes the next.
  await sql`
    create table edge_manifests (
      organisation_id uuid not null,
      edge_id uuid not null,
      version integer not null check (version > 0),
      -- Of everything in it but version and times, so that the same is not issued twice.
      content_digest bytea not null check (octet_length(content_digest) = 32),
      -- Canonical JSON of the configuration, byte for byte what the box gets.
      document text not null,
      jws text not null,
      issued_at timestamptz not null,
      primary key (organisation_id, edge_id, version),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id)
    )`.execute(db);

  // What the box made of it.
  await sql`
    create table edge_configuration_states (
      organisation_id uuid not null,
      edge_id uuid not null,
      applied_version integer,
      on_trial boolean not null,
      refused_version integer,
      refused_reason text,
      reported_at timestamptz not null default now(),
      primary key (organisation_id, edge_id),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id)
    )`.execute(db);

  // Model files that boxes may pull; the bytes lie in the bucket of originals.
  await sql`
    create table edge_model_files (
      organisation_id uuid not null references organisations (id),
      name text not null,
      version text not null,
      file text not null,
      sha256 bytea not null check (octet_length(sha256) = 32),
      size_bytes bigint not null check (size_bytes > 0),
      created_by text not null,
      created_at timestamptz not null default now(),
      primary key (organisation_id, name, version, file)
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table edge_model_files, edge_configuration_states, edge_manifests,
    edge_configurations, store_scrubs, photo_requests`.execute(db);
  await sql`alter table edges drop column configuration_group`.execute(db);
  await sql`drop index sightings_edge_day, photos_missing`.execute(db);
  // The originals are not there: nothing else says so after this.
  await sql`update photos set state = 'expired', missing_since = null, missing_reason = null
    where state = 'missing'`.execute(db);
  await sql`
    alter table photos
      drop constraint photos_missing_check,
      drop column missing_since,
      drop column missing_reason,
      drop constraint photos_state_check,
      add constraint photos_state_check
        check (state in ('stored', 'quarantined', 'expired', 'erased'))`.execute(db);
}
