import { AppError } from '@demeter/common/errors';
import { boxModelKey } from '@demeter/common/object-keys';
import { t } from 'elysia';
import { writeAudit } from '../audit.ts';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { shape, Time } from '../http/schemas.ts';
import { ModelParams } from '../models/routes.ts';
import { withStagedBytes } from '../photos/stage-photo.ts';
import { RAW_BODY } from '../photos/upload-document.ts';

const MODEL_BYTES_MAX = 4 * 1024 ** 3;
const MEDIA_TYPE = 'application/octet-stream';

const ModelFile = shape('EdgeModelFile', {
  name: t.String(),
  version: t.String(),
  file: t.String(),
  sha256: t.String(),
  size_bytes: t.Integer(),
  created_at: Time,
});

/** Model files for boxes that count by themselves; a version's files never change. */
export function edgeModelRoutes({ db, originals }: Pick<CoreContext, 'db' | 'originals'>) {
  return feature('Edges')
    .get(
      '/edge-models',
      async ({ principal }) => {
        const rows = await db
          .selectFrom('edge_model_files')
          .select(['name', 'version', 'file', 'sha256', 'size_bytes', 'created_at'])
          .where('organisation_id', '=', principal.organisationId)
          .orderBy('name')
          .orderBy('version')
          .orderBy('file')
          .execute();
        return {
          files: rows.map((row) => ({
            ...row,
            sha256: row.sha256.toString('hex'),
            created_at: row.created_at.toISOString(),
          })),
        };
      },
      {
        permission: 'models:manage',
        response: { 200: t.Object({ files: t.Array(ModelFile) }) },
        detail: { summary: 'Model files that boxes may pull' },
      },
    )
    .put(
      '/edge-models/:name/:version/files/:file',
      async ({ principal, params, request }) => {
        const { organisationId, actor } = principal;
        const { name, version, file } = params;
        const body = request.body ?? new Blob([]).stream();
        return await withStagedBytes(body, MODEL_BYTES_MAX, async ({ path, sha256, sizeBytes }) => {
          if (sizeBytes === 0) {
            throw new AppError('INVALID_INPUT', 'The file has no bytes.', { field: 'body' });
          }
          const facts = { sha256, sizeBytes, mediaType: MEDIA_TYPE };
          await originals.put(boxModelKey(organisationId, sha256), { path }, facts);
          const digest = Buffer.from(sha256, 'hex');
          const key = { organisation_id: organisationId, name, version, file };
          await db.transaction().execute(async (trx) => {
            await trx
              .insertInto('edge_model_files')
              .values({ ...key, sha256: digest, size_bytes: sizeBytes, created_by: actor })
              .onConflict((conflict) => conflict.doNothing())
              .execute();
            const held = await trx
              .selectFrom('edge_model_files')
              .select('sha256')
              .where((where) => where.and(key))
              .executeTakeFirstOrThrow();
            if (!held.sha256.equals(digest)) {
              throw new AppError('CONFLICT', 'This version has another file under this name.', {
                field: 'file',
                hint: 'Send it as a new version: boxes have the old one.',
              });
            }
            await writeAudit(trx, {
              organisationId,
              actor,
              action: 'edge_models.put',
              subjectType: 'edge_models',
              subjectId: `${name}/${version}`,
              after: { file, sha256 },
            });
          });
          return { sha256, size_bytes: sizeBytes };
        });
      },
      {
        permission: 'models:manage',
        params: t.Composite([
          ModelParams,
          t.Object({ file: t.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' }) }),
        ]),
        response: { 200: t.Object({ sha256: t.String(), size_bytes: t.Integer() }) },
        detail: { summary: 'Keep a file of a model for boxes to pull', requestBody: RAW_BODY },
      },
    );
}
