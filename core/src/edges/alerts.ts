import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import {
  ALERT_KINDS,
  type AlertKind,
  CLOCK_OFF_MS,
  DISK_FULL,
  LEAST_MS,
  standsSince,
} from './alert-rules.ts';

/** Rows written by one statement: well under PostgreSQL's 65,535 parameters. */
const CHUNK = 1_000;

export interface AlertChange {
  readonly edgeId: string;
  readonly code: string;
  readonly kind: AlertKind;
  readonly change: 'raised' | 'resolved';
}

interface Suspect {
  readonly id: string;
  readonly code: string;
  readonly last_seen_at: Date | null;
  readonly credential_jti: string | null;
  readonly silent_after_minutes: number;
  readonly unsent_after_hours: number;
  readonly revoked_at: Date | null;
  readonly received_at: Date | null;
  readonly oldest_unsent_at: Date | null;
  readonly disk_share: number | null;
  readonly clock_offset_ms: number | null;
  readonly open: readonly AlertKind[];
}

interface Change {
  readonly edge: Suspect;
  readonly kind: AlertKind;
  readonly since: Date;
}

/**
 * Raises what stands now and resolves what does not any more; answers what this call itself
 * changed. Any core may do it, several at a time: an open alert is unique, and each row changes once.
 */
export async function updateAlerts(
  db: Database,
  organisationId: string,
  now: Date,
): Promise<AlertChange[]> {
  const suspects = await readSuspects(db, organisationId, now);
  const raise: Change[] = [];
  const resolve: Change[] = [];
  for (const edge of suspects) {
    for (const kind of ALERT_KINDS) {
      const open = edge.open.includes(kind);
      const since = edge.revoked_at ? null : standsSince(kind, toWatched(edge), now, open);
      if (since && !open) raise.push({ edge, kind, since });
      if (!since && open) resolve.push({ edge, kind, since: now });
    }
  }
  return [
    ...(await raiseAlerts(db, organisationId, raise, now)),
    ...(await resolveAlerts(db, organisationId, resolve, now)),
  ];
}

/** Boxes for which anything might stand or end: few of many, each found by an index. */
async function readSuspects(
  db: Database,
  organisationId: string,
  now: Date,
): Promise<readonly Suspect[]> {
  const before = (ms: number) => new Date(now.getTime() - ms);
  const { rows } = await sql<Suspect>`
    with suspects as (
      select id from edges
       where organisation_id = ${organisationId} and revoked_at is null
         and last_seen_at < ${before(LEAST_MS.silent)}
         and last_seen_at < ${now}::timestamptz - silent_after_minutes * interval '1 minute'
      union
      select edge_id from edge_states
       where organisation_id = ${organisationId} and oldest_unsent_at < ${before(LEAST_MS.unsent)}
      union
      select edge_id from edge_states
       where organisation_id = ${organisationId} and disk_share >= ${DISK_FULL.raise}
      union
      select edge_id from edge_states
       where organisation_id = ${organisationId} and abs(clock_offset_ms) >= ${CLOCK_OFF_MS.raise}
      union
      select edge_id from edge_alerts
       where organisation_id = ${organisationId} and resolved_at is null)
    select e.id, e.code, e.last_seen_at, e.credential_jti, e.silent_after_minutes, e.unsent_after_hours,
           e.revoked_at, s.received_at, s.oldest_unsent_at, s.disk_share, s.clock_offset_ms,
           coalesce((select jsonb_agg(a.kind) from edge_alerts a
                      where a.organisation_id = e.organisation_id and a.edge_id = e.id
                        and a.resolved_at is null), '[]') as open
      from suspects
      join edges e on e.organisation_id = ${organisationId} and e.id = suspects.id
      left join edge_states s on s.organisation_id = e.organisation_id and s.edge_id = e.id`.execute(
    db,
  );
  return rows;
}

function toWatched(edge: Suspect) {
  return {
    lastSeenAt: edge.last_seen_at,
    byToken: edge.credential_jti !== null,
    silentAfterMinutes: edge.silent_after_minutes,
    unsentAfterHours: edge.unsent_after_hours,
    state: edge.received_at && {
      receivedAt: edge.received_at,
      oldestUnsentAt: edge.oldest_unsent_at,
      diskShare: edge.disk_share ?? 0,
      clockOffsetMs: edge.clock_offset_ms ?? 0,
    },
  };
}

async function raiseAlerts(
  db: Database,
  organisationId: string,
  changes: readonly Change[],
  now: Date,
): Promise<AlertChange[]> {
  const done: AlertChange[] = [];
  for (const chunk of chunksOf(changes)) {
    const rows = await db
      .insertInto('edge_alerts')
      .values(
        chunk.map(({ edge, kind, since }) => ({
          organisation_id: organisationId,
          id: newId(),
          edge_id: edge.id,
          kind,
          since,
          raised_at: now,
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['organisation_id', 'edge_id', 'kind'])
          .where('resolved_at', 'is', null)
          .doNothing(),
      )
      .returning(['edge_id', 'kind'])
      .execute();
    done.push(...toChanges(chunk, rows, 'raised'));
  }
  return done;
}

async function resolveAlerts(
  db: Database,
  organisationId: string,
  changes: readonly Change[],
  now: Date,
): Promise<AlertChange[]> {
  const done: AlertChange[] = [];
  for (const chunk of chunksOf(changes)) {
    const rows = await db
      .updateTable('edge_alerts')
      .set({ resolved_at: now })
      .where('organisation_id', '=', organisationId)
      .where('resolved_at', 'is', null)
      .where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('edge_id', 'kind'),
          'in',
          chunk.map(({ edge, kind }) => tuple(edge.id, kind)),
        ),
      )
      .returning(['edge_id', 'kind'])
      .execute();
    done.push(...toChanges(chunk, rows, 'resolved'));
  }
  return done;
}

function* chunksOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += CHUNK) yield items.slice(at, at + CHUNK);
}

function toChanges(
  asked: readonly Change[],
  rows: readonly { readonly edge_id: string; readonly kind: AlertKind }[],
  change: 'raised' | 'resolved',
): AlertChange[] {
  const codes = new Map(asked.map(({ edge }) => [edge.id, edge.code]));
  return rows.map(({ edge_id, kind }) => ({
    edgeId: edge_id,
    code: codes.get(edge_id) ?? '',
    kind,
    change,
  }));
}

/** Alerts that are open now, by kind; the kinds without any too. */
export async function countOpenAlerts(
  db: Database,
  organisationId: string,
): Promise<ReadonlyMap<AlertKind, number>> {
  const rows = await db
    .selectFrom('edge_alerts')
    .select(({ fn }) => ['kind', fn.countAll<number>().as('open')])
    .where('organisation_id', '=', organisationId)
    .where('resolved_at', 'is', null)
    .groupBy('kind')
    .execute();
  const open = new Map(rows.map((row) => [row.kind, row.open]));
  return new Map(ALERT_KINDS.map((kind) => [kind, open.get(kind) ?? 0]));
}
