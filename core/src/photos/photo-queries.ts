import { AppError } from '@demeter/common/errors';
import { type RawBuilder, sql } from 'kysely';
import type { Handle } from '../db/database.ts';
import { runColumns } from '../runs/run-queries.ts';
import type { PhotoBody, SessionBody } from './photo-body.ts';

/** A photo as the API answers it, but for its links. */
export interface PhotoRow extends Omit<PhotoBody, 'links'> {
  readonly has_overlay: boolean;
  readonly has_thumbnail: boolean;
  readonly cursor: string;
}

export interface PhotoFilter {
  readonly photoId?: Buffer;
  readonly state?: string;
  readonly sessionStates?: readonly string[];
  readonly locationId?: string;
  /** As the page before answered it. */
  readonly cursor?: string;
}

/** Times in RFC 3339 UTC with milliseconds, as text. */
export function timeText(column: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

const ref = (alias: string) => sql`
  json_build_object('id', ${sql.ref(`${alias}.id`)}, 'code', ${sql.ref(`${alias}.code`)},
                    'name', ${sql.ref(`${alias}.name`)})`;

/** Photos, newest first. */
export async function readPhotos(
  db: Handle,
  organisationId: string,
  filter: PhotoFilter,
  limit: number,
): Promise<PhotoRow[]> {
  const { photoId, state, sessionStates, locationId, cursor } = filter;
  const after = cursor === undefined ? undefined : parseCursor(cursor);
  const conditions = [
    sql`p.organisation_id = ${organisationId}`,
    ...(photoId ? [sql`p.sha256 = ${photoId}`] : []),
    ...(state ? [sql`p.state = ${state}`] : []),
    ...(sessionStates ? [sql`s.state = any(${[...sessionStates]}::text[])`] : []),
    ...(locationId ? [sql`p.storage_location_id = ${locationId}`] : []),
    ...(after ? [sql`(p.received_at, p.sha256) < (${after.at}::timestamptz, ${after.sha})`] : []),
  ];
  const { rows } = await sql<PhotoRow>`
    with page as (
      select p.* from photos p join photo_sessions s
        on s.organisation_id = p.organisation_id and s.id = p.photo_session_id
       where ${sql.join(conditions, sql` and `)}
       order by p.received_at desc, p.sha256 desc limit ${limit}
    )
    select encode(p.sha256, 'hex') as photo_id, p.state, p.quarantine_reason, p.size_bytes,
           p.media_type, p.width, p.height, ${timeText(sql`p.received_at`)} as received_at,
           ${timeText(sql`p.captured_at`)} as captured_at,
           ${timeText(sql`p.captured_at_said`)} as captured_at_said, p.time_flag, seen.file_name,
           case when l.id is null then null else ${ref('l')} end as location,
           p.location_source, candidates.list as location_candidates, judged.verdict,
           seen.sightings::int as sightings, seen.recovered,
           json_build_object('id', s.id, 'state', s.state, 'detected', s.detected,
             'error_code', s.error_code, 'error_message', s.error_message) as session,
           case when r.id is null then null else ${runColumns()} end as run,
           case when b.id is null then null else json_build_object('id', b.id, 'code', b.code,
             'quantity_current', b.quantity_current) end as batch,
           r.overlay_key is not null as has_overlay, r.thumbnail_key is not null as has_thumbnail,
           p.received_at::text || ' ' || encode(p.sha256, 'hex') as cursor
      from page p
      join photo_sessions s on s.organisation_id = p.organisation_id and s.id = p.photo_session_id
      left join storage_locations l on l.organisation_id = p.organisation_id
                                   and l.id = p.storage_location_id
      left join runs r on r.organisation_id = s.organisation_id and r.id = s.current_run_id
      left join pipelines on pipelines.organisation_id = r.organisation_id
                         and pipelines.digest = r.pipeline_digest
      left join lateral (
        select coalesce(json_agg(json_build_object('location', ${ref('place')},
                 'source', one.value ->> 'source', 'distance_m', (one.value ->> 'distance_m')::float8)
                 order by one.ordinality), '[]'::json) as list
          from jsonb_array_elements(p.location_candidates) with ordinality as one
          join storage_locations place on place.organisation_id = p.organisation_id
           and place.id = (one.value ->> 'storage_location_id')::uuid) candidates on true
      left join lateral (
        select count(*) as sightings, coalesce(bool_and(g.recovered), false) as recovered,
               (array_agg(g.file_name order by g.id))[1] as file_name
          from sightings g
         where g.organisation_id = p.organisation_id and g.sha256 = p.sha256) seen on true
      left join lateral (
        select g.verdict from sightings g
         where g.organisation_id = p.organisation_id and g.sha256 = p.sha256
           and g.verdict is not null order by g.id limit 1) judged on true
      left join lateral (
        select m.stock_batch_id from stock_movements m
         where m.organisation_id = s.organisation_id and m.photo_session_id = s.id
           and m.kind = 'photo' order by m.id desc limit 1) moved on true
      left join lateral (
        select q.stock_batch_id from stock_proposals q
         where q.organisation_id = s.organisation_id and q.photo_session_id = s.id
         order by q.id desc limit 1) proposed on true
      left join stock_batches b on b.organisation_id = s.organisation_id
        and b.id = coalesce(moved.stock_batch_id, proposed.stock_batch_id)
     order by p.received_at desc, p.sha256 desc`.execute(db);
  return rows;
}

function parseCursor(cursor: string): { at: string; sha: Buffer } {
  const match =
    /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d(?::\d\d)?) ([0-9a-f]{64})$/.exec(
      Buffer.from(cursor, 'base64url').toString('utf8'),
    );
  if (match?.[1] && match[2]) return { at: match[1], sha: Buffer.from(match[2], 'hex') };
  throw new AppError('INVALID_INPUT', 'This cursor is none of a page before.', { field: 'cursor' });
}

/** How a page's last row is named in `next`. */
export function toCursor(row: { readonly cursor: string }): string {
  return Buffer.from(row.cursor, 'utf8').toString('base64url');
}

export interface SessionFilter {
  readonly id?: string;
  readonly state?: string;
  readonly locationId?: string;
  /** Id of the last session of the page before. */
  readonly before?: string;
}

/** Sessions, newest first: their ids are ordered by time. */
export async function readSessions(
  db: Handle,
  organisationId: string,
  { id, state, locationId, before }: SessionFilter,
  limit: number,
): Promise<SessionBody[]> {
  const conditions = [
    sql`s.organisation_id = ${organisationId}`,
    ...(id ? [sql`s.id = ${id}`] : []),
    ...(state ? [sql`s.state = ${state}`] : []),
    ...(locationId ? [sql`s.storage_location_id = ${locationId}`] : []),
    ...(before ? [sql`s.id < ${before}`] : []),
  ];
  const { rows } = await sql<SessionBody>`
    select s.id, s.state, case when l.id is null then null else ${ref('l')} end as location,
           s.current_run_id as run_id, s.detected, s.error_code, s.error_message,
           (select coalesce(json_agg(encode(p.sha256, 'hex') order by p.received_at), '[]'::json)
              from photos p where p.organisation_id = s.organisation_id
               and p.photo_session_id = s.id) as photos,
           ${timeText(sql`s.created_at`)} as created_at,
           ${timeText(sql`s.updated_at`)} as updated_at
      from photo_sessions s
      left join storage_locations l on l.organisation_id = s.organisation_id
                                   and l.id = s.storage_location_id
     where ${sql.join(conditions, sql` and `)}
     order by s.id desc limit ${limit}`.execute(db);
  return rows;
}
