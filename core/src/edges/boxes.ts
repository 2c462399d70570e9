import { AppError } from '@demeter/common/errors';
import { type Static, t } from 'elysia';
import { sql } from 'kysely';
import { parseCursor } from '../code-tables/code-table.ts';
import type { Handle } from '../db/database.ts';
import { Id, nullable, shape, Time } from '../http/schemas.ts';

export const AlertKind = t.Union([
  t.Literal('silent'),
  t.Literal('unsent'),
  t.Literal('disk'),
  t.Literal('clock'),
]);

const Key = shape('EdgeKey', {
  fingerprint: t.String({ description: 'RFC 7638 thumbprint; the box shows the same.' }),
  enrolled_at: Time,
});
const State = shape('EdgeState', {
  received_at: Time,
  clock_offset_ms: t.Number({ description: "The core's clock less the box's." }),
  backlog_photos: t.Number({ description: 'Photos without a receipt.' }),
  backlog_bytes: t.Number(),
  oldest_unsent_at: nullable(Time),
  held_bytes: t.Number(),
  quota_bytes: t.Number(),
  disk_share: t.Number({ description: 'Share of the quota that is held.' }),
  fullness: t.String(),
  alarms: t.Array(t.Object({ code: t.String(), sentence: t.String() })),
  cameras: t.Array(t.Object({ code: t.String(), last_photo_at: nullable(Time) })),
  config_version: nullable(t.String()),
});
const OpenAlert = shape('EdgeOpenAlert', { kind: AlertKind, since: Time, raised_at: Time });

/** A box as it is shown to people. */
export const Edge = shape('Edge', {
  id: Id,
  code: t.String(),
  name: t.String(),
  credential: t.Union([t.Literal('none'), t.Literal('token'), t.Literal('key')]),
  key: nullable(Key),
  code_expires_at: nullable(t.String({ format: 'date-time', description: 'A code waits.' })),
  created_at: Time,
  last_seen_at: nullable(Time),
  version: nullable(t.String()),
  revoked_at: nullable(Time),
  silent_after_minutes: t.Integer(),
  unsent_after_hours: t.Integer(),
  state: nullable(State),
  alerts: t.Array(OpenAlert),
});
export type Edge = Static<typeof Edge>;

/** Columns of the joined row; a box without a state has nulls there. */
interface Row {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly credential_jti: string | null;
  readonly created_at: Date;
  readonly last_seen_at: Date | null;
  readonly version: string | null;
  readonly revoked_at: Date | null;
  readonly silent_after_minutes: number;
  readonly unsent_after_hours: number;
  readonly thumbprint: string | null;
  readonly enrolled_at: Date | null;
  readonly code_expires_at: Date | null;
  readonly received_at: Date | null;
  readonly clock_offset_ms: number;
  readonly backlog_photos: number;
  readonly backlog_bytes: number;
  readonly oldest_unsent_at: Date | null;
  readonly held_bytes: number;
  readonly quota_bytes: number;
  readonly disk_share: number;
  readonly report: Pick<
    Static<typeof State>,
    'fullness' | 'alarms' | 'cameras' | 'config_version'
  > | null;
  readonly alerts: readonly Static<typeof OpenAlert>[];
}

export interface BoxQuery {
  readonly id?: string;
  /** The last id of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Boxes in the order in which they were added. */
export async function readEdges(
  db: Handle,
  organisationId: string,
  { id, after, limit }: BoxQuery,
  now: Date,
): Promise<Edge[]> {
  const conditions = [sql`e.organisation_id = ${organisationId}`];
  if (after !== undefined) conditions.push(sql`e.id > ${parseCursor(after)}`);
  if (id !== undefined) conditions.push(sql`e.id = ${id}`);
  const { rows } = await sql<Row>`
    select e.id, e.code, e.name, e.credential_jti, e.created_at, e.last_seen_at, e.version,
           e.revoked_at, e.silent_after_minutes, e.unsent_after_hours,
           k.thumbprint, k.enrolled_at, c.expires_at as code_expires_at,
           s.received_at, s.clock_offset_ms, s.backlog_photos, s.backlog_bytes,
           s.oldest_unsent_at, s.held_bytes, s.quota_bytes, s.disk_share, s.report,
           coalesce((select jsonb_agg(jsonb_build_object('kind', a.kind, 'since', a.since,
                              'raised_at', a.raised_at) order by a.id)
                       from edge_alerts a
                      where a.organisation_id = e.organisation_id and a.edge_id = e.id
                        and a.resolved_at is null), '[]') as alerts
      from edges e
      left join edge_keys k on k.organisation_id = e.organisation_id and k.edge_id = e.id
                           and k.ended_at is null
      left join edge_codes c on c.organisation_id = e.organisation_id and c.edge_id = e.id
                            and c.used_by is null and c.expires_at > ${now}
      left join edge_states s on s.organisation_id = e.organisation_id and s.edge_id = e.id
     where ${sql.join(conditions, sql` and `)}
     order by e.id limit ${limit}`.execute(db);
  return rows.map(toEdge);
}

/** Throws NOT_FOUND. */
export async function readEdge(
  db: Handle,
  organisationId: string,
  id: string,
  now: Date,
): Promise<Edge> {
  const [edge] = await readEdges(db, organisationId, { id, limit: 1 }, now);
  if (edge) return edge;
  throw new AppError('NOT_FOUND', 'There is no such edge.', { field: 'id' });
}

const iso = (at: Date | null) => at?.toISOString() ?? null;

function toEdge(row: Row): Edge {
  const { id, code, name, version, silent_after_minutes, unsent_after_hours } = row;
  const key = row.thumbprint !== null &&
    row.enrolled_at && { fingerprint: row.thumbprint, enrolled_at: row.enrolled_at.toISOString() };
  return {
    id,
    code,
    name,
    credential: key ? 'key' : row.credential_jti === null ? 'none' : 'token',
    key: key || null,
    code_expires_at: iso(row.code_expires_at),
    created_at: row.created_at.toISOString(),
    last_seen_at: iso(row.last_seen_at),
    version,
    revoked_at: iso(row.revoked_at),
    silent_after_minutes,
    unsent_after_hours,
    state: toState(row),
    alerts: row.alerts.map(({ kind, since, raised_at }) => ({
      kind,
      since: new Date(since).toISOString(),
      raised_at: new Date(raised_at).toISOString(),
    })),
  };
}

function toState({ received_at, report, ...row }: Row): Edge['state'] {
  if (!received_at || !report) return null;
  const { clock_offset_ms, backlog_photos, backlog_bytes, held_bytes, quota_bytes } = row;
  const { fullness, alarms, cameras, config_version } = report;
  return {
    received_at: received_at.toISOString(),
    clock_offset_ms,
    backlog_photos,
    backlog_bytes,
    oldest_unsent_at: iso(row.oldest_unsent_at),
    held_bytes,
    quota_bytes,
    disk_share: row.disk_share,
    fullness,
    alarms: [...alarms],
    cameras: [...cameras],
    config_version,
  };
}
