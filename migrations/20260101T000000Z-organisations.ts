import { type Kysely, sql } from 'kysely';

/** Who: organisations, people, the keys that sign, what was configured and by whom. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create extension if not exists postgis`.execute(db);

  await sql`
    create table organisations (
      id uuid primary key,
      code text not null unique,
      name text not null,
      created_at timestamptz not null default now()
    )`.execute(db);

  await sql`
    create table users (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      -- "sub" of the issuer, or "local:<email>".
      subject text not null,
      email text not null,
      name text not null,
      role text not null check (role in ('admin', 'supervisor', 'worker', 'viewer')),
      created_at timestamptz not null default now(),
      disabled_at timestamptz,
      primary key (organisation_id, id),
      unique (organisation_id, subject),
      unique (organisation_id, email)
    )`.execute(db);

  await sql`
    create table signing_keys (
      organisation_id uuid not null references organisations (id),
      kid text not null,
      algorithm text not null check (algorithm = 'EdDSA'),
      public_jwk jsonb not null,
      -- AES-256-GCM under a key derived from JWT_SECRET_KEY.
      private_jwk_sealed bytea not null,
      created_at timestamptz not null default now(),
      retired_at timestamptz,
      primary key (organisation_id, kid)
    )`.execute(db);

  await sql`
    create table sign_in_links (
      organisation_id uuid not null,
      token_sha256 bytea not null check (octet_length(token_sha256) = 32),
      user_id uuid not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      used_at timestamptz,
      primary key (organisation_id, token_sha256),
      foreign key (organisation_id, user_id) references users (organisation_id, id)
    )`.execute(db);

  await sql`
    create table web_sessions (
      organisation_id uuid not null,
      token_sha256 bytea not null check (octet_length(token_sha256) = 32),
      user_id uuid not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      primary key (organisation_id, token_sha256),
      foreign key (organisation_id, user_id) references users (organisation_id, id)
    )`.execute(db);

  await sql`
    create table configuration (
      organisation_id uuid not null references organisations (id),
      key text not null,
      value jsonb not null,
      updated_by text not null,
      updated_at timestamptz not null default now(),
      primary key (organisation_id, key)
    )`.execute(db);

  await sql`
    create table audit_entries (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      at timestamptz not null default now(),
      -- "user:<id>", "edge:<id>" or "system".
      actor text not null,
      action text not null,
      subject_type text not null,
      subject_id text not null,
      before jsonb,
      after jsonb,
      correlation_id text,
      primary key (organisation_id, id)
    )`.execute(db);
  await sql`
    create index audit_entries_subject
      on audit_entries (organisation_id, subject_type, subject_id, id)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table audit_entries, configuration, web_sessions, sign_in_links, signing_keys,
    users, organisations`.execute(db);
}
