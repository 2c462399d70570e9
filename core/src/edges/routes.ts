import { AppError } from '@demeter/common/errors';
import { t } from 'elysia';
import { parseCursor } from '../code-tables/code-table.ts';
import type { CoreContext } from '../context.ts';
import type { Handle } from '../db/database.ts';
import { feature } from '../http/feature.ts';
import {
  Code,
  Id,
  IdParams,
  limitOf,
  Name,
  nullable,
  PageQuery,
  pageOf,
  shape,
  Time,
  toPage,
} from '../http/schemas.ts';
import { createCredential, createEdge, revokeEdge } from './queries.ts';

const Edge = shape('Edge', {
  id: Id,
  code: t.String(),
  name: t.String(),
  has_credential: t.Boolean(),
  created_at: Time,
  last_seen_at: nullable(Time),
  version: nullable(t.String()),
  revoked_at: nullable(Time),
});

/** The edge boxes of the organisation and their credentials. */
export function edgeRoutes({ db, keys, clock }: Pick<CoreContext, 'db' | 'keys' | 'clock'>) {
  return feature('Edges')
    .get(
      '/edges',
      async ({ principal, query }) => {
        const limit = limitOf(query);
        const rows = await readEdges(db, principal.organisationId, limit + 1, {
          after: query.cursor,
        });
        return toPage(rows, limit, toEdge, (row) => row.id);
      },
      {
        permission: 'edges:manage',
        query: PageQuery,
        response: { 200: pageOf(Edge) },
        detail: { summary: 'Edge boxes' },
      },
    )
    .get(
      '/edges/:id',
      async ({ principal, params }) => await oneEdge(db, principal.organisationId, params.id),
      {
        permission: 'edges:manage',
        params: IdParams,
        response: { 200: Edge },
        detail: { summary: 'One edge box' },
      },
    )
    .post(
      '/edges',
      async ({ principal, body, set }) => {
        const id = await db.transaction().execute((trx) => createEdge(trx, principal, body));
        set.status = 201;
        return await oneEdge(db, principal.organisationId, id);
      },
      {
        permission: 'edges:manage',
        body: t.Object({ code: Code, name: Name }),
        response: { 201: Edge },
        detail: { summary: 'Add an edge box' },
      },
    )
    .post(
      '/edges/:id/credential',
      async ({ principal, params, set }) => {
        const now = new Date(clock.now());
        const { token, expiresAt } = await db
          .transaction()
          .execute((trx) => createCredential(trx, keys, principal, params.id, now));
        set.status = 201;
        set.headers['cache-control'] = 'no-store';
        return { token, expires_at: expiresAt.toISOString() };
      },
      {
        permission: 'edges:manage',
        params: IdParams,
        response: { 201: t.Object({ token: t.String(), expires_at: Time }) },
        detail: { summary: 'A new credential; the one before is refused at once' },
      },
    )
    .delete(
      '/edges/:id',
      async ({ principal, params }) => {
        const now = new Date(clock.now());
        await db.transaction().execute((trx) => revokeEdge(trx, principal, params.id, now));
        return await oneEdge(db, principal.organisationId, params.id);
      },
      {
        permission: 'edges:manage',
        params: IdParams,
        response: { 200: Edge },
        detail: { summary: 'Revoke an edge: nothing that it sends is taken any more' },
      },
    );
}

type EdgeRow = Awaited<ReturnType<typeof readEdges>>[number];

async function readEdges(
  db: Handle,
  organisationId: string,
  limit: number,
  { after, id }: { after?: string | undefined; id?: string },
) {
  let query = db
    .selectFrom('edges')
    .select([
      'id',
      'code',
      'name',
      'credential_jti',
      'created_at',
      'last_seen_at',
      'version',
      'revoked_at',
    ])
    .where('organisation_id', '=', organisationId)
    .orderBy('id')
    .limit(limit);
  if (after !== undefined) query = query.where('id', '>', parseCursor(after));
  if (id !== undefined) query = query.where('id', '=', id);
  return await query.execute();
}

async function oneEdge(db: Handle, organisationId: string, id: string) {
  const [row] = await readEdges(db, organisationId, 1, { id });
  if (row) return toEdge(row);
  throw new AppError('NOT_FOUND', 'There is no such edge.', { field: 'id' });
}

function toEdge({ credential_jti: jti, ...row }: EdgeRow): typeof Edge.static {
  return {
    ...row,
    has_credential: jti !== null,
    created_at: row.created_at.toISOString(),
    last_seen_at: row.last_seen_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
  };
}
