import { t } from 'elysia';
import { parseCursor } from '../code-tables/code-table.ts';
import type { Database } from '../db/database.ts';
import { Id, nullable, type Page, PageQuery, Ref, shape, Time, toPage } from '../http/schemas.ts';
import { AlertKind } from './boxes.ts';

export const Alert = shape('EdgeAlert', {
  id: Id,
  edge: Ref,
  kind: AlertKind,
  since: Time,
  raised_at: Time,
  resolved_at: nullable(Time),
});

export const AlertQuery = t.Composite([
  PageQuery,
  t.Object({
    open: t.Optional(t.Boolean({ description: 'Only those that stand, or stand not.' })),
  }),
]);

export interface AlertChoice {
  readonly open: boolean | undefined;
  readonly cursor: string | undefined;
  readonly limit: number;
}

/** Alerts of all boxes, the newest first. */
export async function readAlerts(
  db: Database,
  organisationId: string,
  { open, cursor, limit }: AlertChoice,
): Promise<Page<typeof Alert.static>> {
  let query = db
    .selectFrom('edge_alerts as a')
    .innerJoin('edges as e', (join) =>
      join.onRef('e.organisation_id', '=', 'a.organisation_id').onRef('e.id', '=', 'a.edge_id'),
    )
    .select(['a.id', 'a.kind', 'a.since', 'a.raised_at', 'a.resolved_at'])
    .select(['e.id as edge_id', 'e.code', 'e.name'])
    .where('a.organisation_id', '=', organisationId)
    .orderBy('a.id', 'desc')
    .limit(limit + 1);
  if (cursor !== undefined) query = query.where('a.id', '<', parseCursor(cursor));
  if (open !== undefined) query = query.where('a.resolved_at', open ? 'is' : 'is not', null);
  const toAlert = (row: (typeof rows)[number]): typeof Alert.static => ({
    id: row.id,
    edge: { id: row.edge_id, code: row.code, name: row.name },
    kind: row.kind,
    since: row.since.toISOString(),
    raised_at: row.raised_at.toISOString(),
    resolved_at: row.resolved_at?.toISOString() ?? null,
  });
  const rows = await query.execute();
  return toPage(rows, limit, toAlert, (row) => row.id);
}
