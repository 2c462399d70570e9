import { type Kysely, sql } from 'kysely';

/** Boxes enrol with a key of their own, say how they are, and are missed when they do not. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table edges
      -- A box not heard of for so long is silent.
      add column silent_after_minutes integer not null default 30
        check (silent_after_minutes between 5 and 43200),
      -- A photo that waits on the box for so long is too old.
      add column unsent_after_hours integer not null default 24
        check (unsent_after_hours between 1 and 8760)`.execute(db);
  await sql`create index edges_seen on edges (organisation_id, last_seen_at)
    where revoked_at is null`.execute(db);

  // Every key that a box ever had: one that has ended is never taken again, by any box.
  await sql`
    create table edge_keys (
      organisation_id uuid not null,
      -- RFC 7638, SHA-256, base64url.
      thumbprint text not null,
      edge_id uuid not null,
      public_jwk jsonb not null,
      enrolled_at timestamptz not null,
      ended_at timestamptz,
      primary key (organisation_id, thumbprint),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id)
    )`.execute(db);
  await sql`create unique index edge_keys_current on edge_keys (organisation_id, edge_id)
    where ended_at is null`.execute(db);

  // The last one-time code of each box; it stays when it is used, so that its use may be repeated
  // by the same key after a power cut.
  await sql`
    create table edge_codes (
      organisation_id uuid not null,
      edge_id uuid not null,
      -- HMAC-SHA-256 under a key derived from JWT_SECRET_KEY: the table alone cannot be searched.
      code_hmac bytea not null check (octet_length(code_hmac) = 32),
      created_at timestamptz not null,
      expires_at timestamptz not null,
      -- The key that was enrolled with it.
      used_by text,
      primary key (organisation_id, edge_id),
      unique (organisation_id, code_hmac),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id)
    )`.execute(db);

  // Assertions that were taken, so that none is taken twice; swept when they have expired.
  await sql`
    create table edge_assertions (
      organisation_id uuid not null,
      edge_id uuid not null,
      jti text not null,
      expires_at timestamptz not null,
      primary key (organisation_id, edge_id, jti),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id)
    )`.execute(db);
  await sql`create index edge_assertions_expired on edge_assertions (expires_at)`.execute(db);

  // What each box said last.
  await sql`
    create table edge_states (
      organisation_id uuid not null,
      edge_id uuid not null,
      received_at timestamptz not null,
      -- The core's clock less the box's.
      clock_offset_ms bigint not null,
      backlog_photos integer not null,
      backlog_bytes bigint not null,
      -- By the core's clock.
      oldest_unsent_at timestamptz,
      held_bytes bigint not null,
      quota_bytes bigint not null,
      -- Share of the quota that is held, 0 to 1.
      disk_share double precision not null,
      -- The whole of it (docs/protocols.md).
      report jsonb not null,
      primary key (organisation_id, edge_id),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id)
    )`.execute(db);
  await sql`create index edge_states_unsent on edge_states (organisation_id, oldest_unsent_at)
    where oldest_unsent_at is not null`.execute(db);
  await sql`create index edge_states_full on edge_states (organisation_id, disk_share)`.execute(db);
  await sql`create index edge_states_clock
    on edge_states (organisation_id, abs(clock_offset_ms))`.execute(db);

  await sql`
    create table edge_alerts (
      organisation_id uuid not null,
      id uuid not null,
      edge_id uuid not null,
      kind text not null check (kind in ('silent', 'unsent', 'disk', 'clock')),
      -- Since when it has been so, as far as that is known; else when it was seen.
      since timestamptz not null,
      raised_at timestamptz not null,
      resolved_at timestamptz,
      primary key (organisation_id, id),
      foreign key (organisation_id, edge_id) references edges (organisation_id, id)
    )`.execute(db);
  // Of several cores that look at the same time one raises it.
  await sql`create unique index edge_alerts_open on edge_alerts (organisation_id, edge_id, kind)
    where resolved_at is null`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table edge_alerts, edge_states, edge_assertions, edge_codes, edge_keys`.execute(
    db,
  );
  await sql`drop index edges_seen`.execute(db);
  await sql`
    alter table edges
      drop column silent_after_minutes,
      drop column unsent_after_hours`.execute(db);
}
