import { AppError } from '@demeter/common/errors';
import { parseSha256 } from '@demeter/common/ids';
import { t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { Id, IdParams, limitOf, PageQuery, pageOf, Time, toPage } from '../http/schemas.ts';
import { Detections, PhotoId, Run } from '../photos/photo-body.ts';
import { readPhotos } from '../photos/photo-queries.ts';
import { readDetections } from './detections.ts';
import { readAttempts, readRuns } from './run-queries.ts';

const RunDetail = t.Composite([
  Run,
  t.Object({
    attempts: t.Array(
      t.Object({ server_id: t.String(), code: t.String(), message: t.String(), at: Time }),
    ),
  }),
]);

/** What pipelines said of photos. */
export function runRoutes({ db }: Pick<CoreContext, 'db'>) {
  const readOne = async (organisationId: string, id: string) => {
    const [run] = await readRuns(db, organisationId, { id }, 1);
    if (run) return run;
    throw new AppError('NOT_FOUND', 'There is no such run.', { field: 'id' });
  };
  return feature('Runs')
    .get(
      '/runs',
      async ({ principal, query }) => {
        const limit = limitOf(query);
        const filter = {
          ...(query.photo_id ? { photoId: parseSha256(query.photo_id) } : {}),
          ...(query.state ? { state: query.state } : {}),
          ...(query.cursor ? { before: query.cursor } : {}),
        };
        const runs = await readRuns(db, principal.organisationId, filter, limit + 1);
        return toPage(
          runs,
          limit,
          (run) => run,
          (run) => run.id,
        );
      },
      {
        permission: 'photos:read',
        query: t.Composite([
          PageQuery,
          t.Object({
            cursor: t.Optional(Id),
            photo_id: t.Optional(PhotoId),
            state: t.Optional(t.String({ maxLength: 20 })),
          }),
        ]),
        response: { 200: pageOf(Run) },
        detail: { summary: 'Runs, newest first' },
      },
    )
    .get(
      '/runs/:id',
      async ({ principal, params }) => {
        const run = await readOne(principal.organisationId, params.id);
        return { ...run, attempts: await readAttempts(db, principal.organisationId, run.id) };
      },
      {
        permission: 'photos:read',
        params: IdParams,
        response: { 200: RunDetail },
        detail: { summary: 'One run, with the tries that failed' },
      },
    )
    .get(
      '/runs/:id/detections',
      async ({ principal, params }) => {
        const { organisationId } = principal;
        const run = await readOne(organisationId, params.id);
        const photoId = parseSha256(run.photo_id);
        const [photo] = await readPhotos(db, organisationId, { photoId }, 1);
        const packed = await readDetections(db, { organisationId, runId: run.id });
        return {
          run_id: run.id,
          width: photo?.width ?? null,
          height: photo?.height ?? null,
          ...packed,
        };
      },
      {
        permission: 'photos:read',
        params: IdParams,
        response: { 200: Detections },
        detail: { summary: 'What a run found, in packed arrays' },
      },
    );
}
