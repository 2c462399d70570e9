import { AppError } from '@demeter/common/errors';
import { parseSha256 } from '@demeter/common/ids';
import { t } from 'elysia';
import { sql } from 'kysely';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { noteFailedRead } from '../originals/missing.ts';
import { checkLink, FILE_KINDS, type FileKind } from './links.ts';
import { PhotoId } from './photo-body.ts';

const Params = t.Object({
  kind: t.Union(FILE_KINDS.map((kind) => t.Literal(kind))),
  photo_id: PhotoId,
});
const Query = t.Object({
  organisation: t.String({ format: 'uuid' }),
  expires: t.Integer({ minimum: 0 }),
  signature: t.String({ maxLength: 100 }),
});

interface FilePlace {
  readonly key: string | null;
  readonly media_type: string;
  readonly file_name: string | null;
  readonly state: string;
}

/** Bytes behind signed links, which need no token: `<img>` cannot send one. */
export function fileRoutes(context: CoreContext) {
  const { db, originals, derived } = context;
  return feature('Photos').get(
    '/files/:kind/:photo_id',
    async ({ params, query, request }) => {
      const left = checkLink(context, params.kind, params.photo_id, query);
      const file = await findFile(params.kind, params.photo_id, query.organisation);
      const store = params.kind === 'original' ? originals : derived;
      const key = file.key ?? '';
      const expiresInSeconds = Math.max(1, Math.floor(left / 1000));
      const presigned = await store.presignGet(key, { expiresInSeconds });
      if (presigned !== null) {
        return new Response(null, {
          status: 302,
          headers: { location: presigned, 'cache-control': 'private, max-age=60' },
        });
      }
      const { stream, sizeBytes } = await store.get(key, request.signal).catch(async (error) => {
        if (params.kind === 'original') {
          await noteFailedRead(context, query.organisation, parseSha256(params.photo_id), error);
        }
        throw error;
      });
      return new Response(stream, {
        headers: {
          'content-type': params.kind === 'original' ? file.media_type : 'image/webp',
          'content-length': String(sizeBytes),
          // Bytes under a hash never change; a picture drawn anew belongs to another run.
          'cache-control': `private, max-age=${params.kind === 'original' ? expiresInSeconds : 60}`,
          'content-security-policy': "default-src 'none'; sandbox",
          'x-content-type-options': 'nosniff',
        },
      });
    },
    {
      open: true,
      params: Params,
      query: Query,
      detail: { summary: 'A photo, its overlay or its thumbnail, by a signed link' },
    },
  );

  async function findFile(kind: FileKind, photoId: string, organisationId: string) {
    const { rows } = await sql<FilePlace>`
      select p.state, p.media_type, null as file_name,
             case ${kind}::text when 'original' then p.object_key
               when 'overlay' then r.overlay_key else r.thumbnail_key end as key
        from photos p
        join photo_sessions s on s.organisation_id = p.organisation_id
                             and s.id = p.photo_session_id
        left join runs r on r.organisation_id = s.organisation_id and r.id = s.current_run_id
       where p.organisation_id = ${organisationId} and p.sha256 = ${parseSha256(photoId)}`.execute(
      db,
    );
    const [file] = rows;
    const isGone = file && ['expired', 'erased'].includes(file.state);
    if (file?.key && !isGone && !(kind === 'original' && file.state === 'missing')) return file;
    throw new AppError('NOT_FOUND', 'There is no such file, or not any more.', { field: 'kind' });
  }
}
