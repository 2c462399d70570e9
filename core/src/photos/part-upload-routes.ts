import { t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { completeUpload, grantMissing, PARTS_MAX } from './part-uploads.ts';
import { PhotoId } from './photo-body.ts';

/** A part over a slow link, or a photo over a usual one. */
export const GRANT_SECONDS = 3_600;

export const GrantedPut = t.Object({
  method: t.Literal('PUT'),
  url: t.String({ description: 'Where it is relative, it is at the core itself.' }),
  headers: t.Record(t.String(), t.String()),
  expires_at: t.String({ format: 'date-time' }),
});
const UploadId = t.String({ minLength: 1, maxLength: 2_000 });
const PhotoParams = t.Object({ sha256: PhotoId });

/** Sending a large photo in parts, resumable after a crash or a cut link (docs/protocols.md). */
export function partUploadRoutes(context: CoreContext) {
  return feature('Edge boxes')
    .post(
      '/edge/uploads/:sha256/parts',
      async ({ edge, params, body }) => {
        const parts = body.parts.map(({ number, size_bytes: sizeBytes, sha256 }) => ({
          number,
          sizeBytes,
          sha256,
        }));
        const upload = { edge, sha256: params.sha256, uploadId: body.upload_id };
        const missing = await grantMissing(context, upload, parts, GRANT_SECONDS);
        return {
          missing: missing.map(({ number, grant: { expiresAt, ...grant } }) => ({
            number,
            grant: { ...grant, headers: { ...grant.headers }, expires_at: expiresAt },
          })),
        };
      },
      {
        edgeOnly: true,
        params: PhotoParams,
        body: t.Object({
          upload_id: UploadId,
          parts: t.Array(
            t.Object({
              number: t.Integer({ minimum: 1, maximum: PARTS_MAX }),
              size_bytes: t.Integer({ minimum: 1, maximum: 1024 ** 3 }),
              sha256: PhotoId,
            }),
            { minItems: 1, maxItems: PARTS_MAX },
          ),
        }),
        response: {
          200: t.Object({
            missing: t.Array(t.Object({ number: t.Integer(), grant: GrantedPut })),
          }),
        },
        detail: { summary: 'Ask which parts of a photo have not arrived, and where to put them' },
      },
    )
    .post(
      '/edge/uploads/:sha256/complete',
      async ({ edge, params, body }) => {
        const upload = { edge, sha256: params.sha256, uploadId: body.upload_id };
        await completeUpload(context, upload, body.size_bytes);
        return { state: 'stored' as const };
      },
      {
        edgeOnly: true,
        params: PhotoParams,
        body: t.Object({ upload_id: UploadId, size_bytes: t.Integer({ minimum: 1 }) }),
        response: { 200: t.Object({ state: t.Literal('stored') }) },
        detail: { summary: 'Join the parts of a photo that have arrived' },
      },
    );
}
