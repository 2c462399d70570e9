import { type Kysely, sql } from 'kysely';

/** New versions of a model, tried beside or instead of the one that counts, on a part of the photos. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Files that are not chosen by themselves, however high their version: uploaded and not promoted,
  // under rollout, or rolled back.
  await sql`
    create table held_models (
      organisation_id uuid not null references organisations (id),
      name text not null,
      version text not null,
      -- SHA-256 of the file, hex.
      digest text not null check (length(digest) = 64),
      reason text not null check (reason in ('uploaded', 'rollout', 'rolled_back', 'superseded')),
      held_at timestamptz not null default now(),
      primary key (organisation_id, name, version, digest)
    )`.execute(db);

  await sql`
    create table rollouts (
      organisation_id uuid not null references organisations (id),
      id uuid not null,
      -- "name/version", for people.
      model text not null,
      stable_digest bytea not null,
      candidate_digest bytea not null,
      state text not null check (state in ('shadow', 'canary', 'promoted', 'rolled_back')),
      -- Of the photos, by their hash.
      percent double precision not null check (percent > 0 and percent <= 100),
      -- Promoted by itself once the canary has passed.
      auto_promote boolean not null,
      thresholds jsonb not null,
      -- What was seen in this phase, and what it means.
      evidence jsonb,
      verdict text check (verdict in ('wait', 'pass', 'fail')),
      -- Why it stands as it does.
      reason text not null default '',
      created_by text not null,
      created_at timestamptz not null default now(),
      phase_at timestamptz not null default now(),
      ended_at timestamptz,
      primary key (organisation_id, id),
      foreign key (organisation_id, stable_digest) references pipelines (organisation_id, digest),
      foreign key (organisation_id, candidate_digest)
        references pipelines (organisation_id, digest),
      check (stable_digest <> candidate_digest)
    )`.execute(db);
  await sql`
    create unique index rollouts_open on rollouts (organisation_id)
      where state in ('shadow', 'canary')`.execute(db);

  // A photo that both pipelines count, so that they can be compared.
  await sql`
    create table rollout_photos (
      organisation_id uuid not null,
      rollout_id uuid not null,
      sha256 bytea not null,
      phase text not null check (phase in ('shadow', 'canary')),
      stable_run_id uuid not null,
      candidate_run_id uuid not null,
      created_at timestamptz not null default now(),
      primary key (organisation_id, rollout_id, sha256),
      foreign key (organisation_id, rollout_id) references rollouts (organisation_id, id),
      foreign key (organisation_id, stable_run_id) references runs (organisation_id, id),
      foreign key (organisation_id, candidate_run_id) references runs (organisation_id, id)
    )`.execute(db);
  await sql`
    create index rollout_photos_newest
      on rollout_photos (organisation_id, rollout_id, created_at)`.execute(db);
  await sql`create index rollout_photos_photo on rollout_photos (organisation_id, sha256)`.execute(
    db,
  );
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table rollout_photos, rollouts, held_models`.execute(db);
}
