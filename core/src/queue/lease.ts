import { type RawBuilder, sql } from 'kysely';
import type { Database, Handle } from '../db/database.ts';
import type { PipelineDefinition } from '../pipelines/pipeline.ts';
import type { Turn, WaitingSite } from './turns.ts';

/** A run that this core has leased, with all that is needed to make it. */
export interface LeasedRun {
  readonly organisation_id: string;
  readonly run_id: string;
  /** Fences: an answer counts only while the row still carries it. */
  readonly lease_id: string;
  readonly lane: number;
  readonly site: string;
  /** Failures so far. */
  readonly attempts: number;
  readonly enqueued_at: Date;
  readonly correlation_id: string;
  readonly traceparent: string | null;
  readonly sha256: Buffer;
  readonly object_key: string;
  readonly size_bytes: number;
  readonly media_type: string;
  readonly location_source: string | null;
  /** Made beside the session's current run, of which nothing changes by it. */
  readonly beside: boolean;
  readonly pipeline_digest: Buffer;
  readonly pipeline: PipelineDefinition;
  /** Servers on which it failed. */
  readonly failed_on: readonly string[];
}

export type LeaseRef = Pick<LeasedRun, 'organisation_id' | 'run_id' | 'lease_id'>;

/**
 * Sites with runs that can be leased now, counted up to `readyMax` each. Jumps from site to site
 * along the index (a loose index scan), so it costs as much with a million rows as with ten.
 */
export async function readWaitingSites(db: Handle, readyMax: number): Promise<WaitingSite[]> {
  const { rows } = await waitingSitesQuery(readyMax).execute(db);
  return rows;
}

export function waitingSitesQuery(readyMax: number): RawBuilder<WaitingSite> {
  return sql<WaitingSite>`
    with recursive sites (lane, site) as (
      (select lane, site from run_queue order by lane, site limit 1)
      union all
      select next.lane, next.site from sites cross join lateral (
        select q.lane, q.site from run_queue q
         where (q.lane, q.site) > (sites.lane, sites.site)
         order by q.lane, q.site limit 1) next
    )
    select sites.lane::int as lane, sites.site, counted.ready
      from sites cross join lateral (
        select count(*)::int as ready from (
          select 1 from run_queue q
           where q.lane = sites.lane and q.site = sites.site and q.available_at <= now()
           order by q.available_at limit ${sql.lit(readyMax)}) available) counted
     where counted.ready > 0`;
}

export interface LeaseOptions {
  readonly coreId: string;
  readonly leaseMs: number;
  readonly turns: readonly Turn[];
}

/**
 * Leases the oldest runs of each turn. Rows that another core is leasing are skipped, not waited
 * for; a lapsed lease is a row like any other. Its session is shown as being processed.
 */
export async function leaseRuns(db: Database, options: LeaseOptions): Promise<LeasedRun[]> {
  if (options.turns.length === 0) return [];
  const { rows } = await leaseQuery(options).execute(db);
  return rows;
}

export function leaseQuery({ coreId, leaseMs, turns }: LeaseOptions): RawBuilder<LeasedRun> {
  // A limit that the planner can read makes it walk the index; from a column it guesses and sorts.
  const taken = turns.map(
    (turn) => sql`
      select * from (
        select q.organisation_id, q.run_id from run_queue q
         where q.lane = ${turn.lane}::smallint and q.site = ${turn.site}
           and q.available_at <= now()
         order by q.available_at limit ${sql.lit(turn.runs)}
         for update skip locked) taken`,
  );
  return sql<LeasedRun>`
    with picked as materialized (
      ${sql.join(taken, sql` union all `)}
    ), leased as (
      update run_queue q
         set available_at = now() + ${leaseMs} * interval '1 millisecond',
             leased_by = ${coreId}, lease_id = gen_random_uuid()
        from picked
       where q.organisation_id = picked.organisation_id and q.run_id = picked.run_id
      returning q.*
    ), started as (
      update runs r set state = 'processing', started_at = coalesce(r.started_at, now())
        from leased where r.organisation_id = leased.organisation_id and r.id = leased.run_id
    ), shown as (
      update photo_sessions s set state = 'processing', updated_at = now()
        from leased
       where s.organisation_id = leased.organisation_id and s.current_run_id = leased.run_id
         and s.state = 'pending'
    )
    select leased.organisation_id, leased.run_id, leased.lease_id, leased.lane::int as lane,
           leased.site, leased.attempts::int as attempts, leased.enqueued_at,
           leased.correlation_id, leased.traceparent,
           p.sha256, p.object_key, p.size_bytes, p.media_type, p.location_source,
           r.beside, r.pipeline_digest, pipelines.definition as pipeline,
           case when leased.attempts = 0 then '[]'::json else (
             select coalesce(json_agg(a.server_id), '[]'::json) from run_attempts a
              where a.organisation_id = leased.organisation_id and a.run_id = leased.run_id)
           end as failed_on
      from leased
      join runs r on r.organisation_id = leased.organisation_id and r.id = leased.run_id
      join photos p on p.organisation_id = r.organisation_id and p.sha256 = r.sha256
      join pipelines on pipelines.organisation_id = r.organisation_id
                    and pipelines.digest = r.pipeline_digest`;
}

/** Takes a finished run out of the queue. False: the lease is no longer ours, write nothing. */
export async function settle(db: Handle, lease: LeaseRef): Promise<boolean> {
  const { rows } = await sql`
    delete from run_queue
     where organisation_id = ${lease.organisation_id} and run_id = ${lease.run_id}
       and lease_id = ${lease.lease_id}
    returning run_id`.execute(db);
  return rows.length === 1;
}

/**
 * Gives leases back without a mark against the run; they may be leased after `delayMs`. `unbegun`:
 * no server had started on them, so the turn of a run that never failed has yet to come.
 */
export async function handBack(
  db: Handle,
  leases: readonly LeaseRef[],
  delayMs: number,
  { unbegun = false }: { readonly unbegun?: boolean } = {},
): Promise<void> {
  if (leases.length === 0) return;
  await sql`
    with returned as (
      update run_queue q
         set available_at = now() + ${delayMs} * interval '1 millisecond',
             leased_by = null, lease_id = null
        from unnest(${leases.map((lease) => lease.organisation_id)}::uuid[],
                    ${leases.map((lease) => lease.run_id)}::uuid[],
                    ${leases.map((lease) => lease.lease_id)}::uuid[])
               as given (organisation_id, run_id, lease_id)
       where q.organisation_id = given.organisation_id and q.run_id = given.run_id
         and q.lease_id = given.lease_id
      returning q.organisation_id, q.run_id, q.attempts
    ), shown as (
      update photo_sessions s set state = 'pending', updated_at = now()
        from returned
       where s.organisation_id = returned.organisation_id and s.current_run_id = returned.run_id
         and s.state = 'processing'
    )
    update runs r
       set state = 'waiting',
           started_at = case when ${unbegun} and returned.attempts = 0 then null
                             else r.started_at end
      from returned
     where r.organisation_id = returned.organisation_id and r.id = returned.run_id
       and r.state = 'processing'`.execute(db);
}

/** Counts a failure and makes the run available again. Answers the failures so far; null: fenced. */
export async function countFailure(db: Handle, lease: LeaseRef): Promise<number | null> {
  const { rows } = await sql<{ attempts: number }>`
    update run_queue
       set available_at = now(), leased_by = null, lease_id = null, attempts = attempts + 1
     where organisation_id = ${lease.organisation_id} and run_id = ${lease.run_id}
       and lease_id = ${lease.lease_id}
    returning attempts::int as attempts`.execute(db);
  return rows[0]?.attempts ?? null;
}

/** Gives back at once what cores that are gone had leased. Answers how many. */
export async function releaseOrphans(db: Handle, living: readonly string[]): Promise<number> {
  const { numAffectedRows } = await sql`
    update run_queue set available_at = now(), leased_by = null, lease_id = null
     where leased_by is not null and leased_by <> all (${living}::text[])`.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** Runs waiting and runs leased. Counts rows: for metrics and the status page, not for each turn. */
export async function readQueueSize(db: Handle): Promise<{ waiting: number; leased: number }> {
  const { rows } = await sql<{ waiting: number; leased: number }>`
    select count(*) filter (where leased_by is null or available_at <= now())::int as waiting,
           count(*) filter (where leased_by is not null and available_at > now())::int as leased
      from run_queue`.execute(db);
  return rows[0] ?? { waiting: 0, leased: 0 };
}
