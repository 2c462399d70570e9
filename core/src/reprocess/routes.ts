import { type Static, t } from 'elysia';
import { parseCursor } from '../code-tables/code-table.ts';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import {
  Id,
  IdParams,
  limitOf,
  nullable,
  PageQuery,
  pageOf,
  shape,
  Time,
  toPage,
} from '../http/schemas.ts';
import { command } from './control.ts';
import { listReprocessings, type ReprocessingRow, readReprocessing } from './reprocessing.ts';

/** What `demeter.v1.Reprocess` says of it, for those who speak REST. */
const Reprocessing = shape('Reprocessing', {
  id: Id,
  name: t.String(),
  state: t.String({
    description: 'running, paused, completed, cancelled, promoting, promoted, discarded',
  }),
  pause_reason: nullable(t.String({ description: 'person, budget, deadline, hours' })),
  model: t.String(),
  pipeline_digest: t.String(),
  photos: t.Integer(),
  counted: t.Integer({ description: 'By servers.' }),
  reused: t.Integer({ description: 'Counted so before.' }),
  failed: t.Integer(),
  server_minutes: t.Number(),
  plants_before: t.Integer(),
  plants_after: t.Integer(),
  created_by: t.String(),
  created_at: Time,
  ended_at: nullable(Time),
});

export interface ReprocessRoutes {
  readonly context: Pick<CoreContext, 'db'>;
  /** A state has changed. */
  readonly wake: () => void;
}

/** Looking at reprocessings, and stopping them; planned and promoted they are over gRPC. */
export function reprocessRoutes({ context: { db }, wake }: ReprocessRoutes) {
  const permission = 'reprocess:run';
  const commanded = (name: 'pause' | 'resume' | 'cancel', summary: string) =>
    feature('Reprocessing').post(
      `/reprocessings/:id/${name}`,
      async ({ principal: { organisationId, actor }, params: { id } }) => {
        const row = await command(db, { organisationId, id }, { name, actor });
        wake();
        return toBody(row);
      },
      {
        permission,
        params: IdParams,
        response: { 200: Reprocessing },
        detail: { summary },
      },
    );
  const reading = feature('Reprocessing')
    .get(
      '/reprocessings',
      async ({ principal: { organisationId }, query }) => {
        const limit = limitOf(query);
        const after = query.cursor === undefined ? {} : { after: parseCursor(query.cursor) };
        const rows = await listReprocessings(db, organisationId, { limit: limit + 1, ...after });
        return toPage(rows, limit, toBody, ({ id }) => id);
      },
      {
        permission,
        query: PageQuery,
        response: { 200: pageOf(Reprocessing) },
        detail: { summary: 'Photos counted once more, the newest first' },
      },
    )
    .get(
      '/reprocessings/:id',
      async ({ principal: { organisationId }, params: { id } }) =>
        toBody(await readReprocessing(db, { organisationId, id })),
      {
        permission,
        params: IdParams,
        response: { 200: Reprocessing },
        detail: { summary: 'How a reprocessing goes on' },
      },
    );
  return [
    reading,
    commanded('pause', 'Send no more of its photos to servers'),
    commanded('resume', 'Go on with it; a limit that has paused it is lifted'),
    commanded('cancel', 'End it; what was counted stays to be compared'),
  ];
}

function toBody(row: ReprocessingRow): Static<typeof Reprocessing> {
  const { id, name, state, pause_reason, model, pipeline_digest, server_ms, ...rest } = row;
  const { photos, counted, reused, failed, plants_before, plants_after, created_by } = rest;
  const counts = { photos, counted, reused, failed, plants_before, plants_after };
  return {
    id,
    name,
    state,
    pause_reason,
    model,
    pipeline_digest: pipeline_digest.toString('hex'),
    ...counts,
    server_minutes: server_ms / 60_000,
    created_by,
    created_at: row.created_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}
