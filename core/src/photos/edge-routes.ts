import { AppError } from '@demeter/common/errors';
import { parseSha256 } from '@demeter/common/ids';
import { inboxKey, originalKey } from '@demeter/common/object-keys';
import { MEDIA_TYPES, tooLarge } from '@demeter/common/photo-format';
import { t } from 'elysia';
import { auditTrespass } from '../edges/trespass.ts';
import { feature } from '../http/feature.ts';
import { scopeOf } from '../http/request-scope.ts';
import { setAside } from '../originals/examine.ts';
import { isMissing } from '../originals/missing.ts';
import { EdgePhoto, takeEdgePhoto } from './edge-photo.ts';
import { checkInboxGrant, signInboxGrant } from './inbox-grant.ts';
import { GRANT_SECONDS, GrantedPut } from './part-upload-routes.ts';
import { openUpload, PARTS_FROM_BYTES, partBytesOf } from './part-uploads.ts';
import { PhotoId } from './photo-body.ts';
import { photoLimits, withStagedBytes } from './stage-photo.ts';
import type { TakeContext } from './take-photo.ts';
import { RAW_BODY } from './upload-document.ts';

const GrantBody = t.Object({
  sha256: PhotoId,
  size_bytes: t.Integer({ minimum: 1 }),
  media_type: t.Union(Object.values(MEDIA_TYPES).map((type) => t.Literal(type))),
  parts: t.Optional(t.Boolean({ description: 'This edge can send in parts.' })),
});
const Grant = t.Object({
  state: t.Union([t.Literal('put'), t.Literal('parts'), t.Literal('stored')]),
  grant: t.Optional(GrantedPut),
  upload: t.Optional(t.Object({ id: t.String(), part_bytes: t.Integer() })),
  key: t.Optional(t.String()),
});
const Registered = t.Object({ photo_id: PhotoId, state: t.String(), receipt: t.String() });

/** What an edge box may do: put and register its photos (docs/protocols.md). */
export function edgePhotoRoutes(take: TakeContext) {
  const { context, pipelines } = take;
  const { db, originals, values, clock } = context;
  const limits = photoLimits(values);

  /** What lies at the key of a photo that is missing is not its original, and goes from there. */
  const isStored = async (organisationId: string, sha256: string): Promise<boolean> => {
    const object_key = originalKey({ organisationId, sha256 });
    if ((await originals.head(object_key)) === null) return false;
    const photo = { sha256: parseSha256(sha256), object_key };
    if (!(await isMissing(db, organisationId, photo.sha256))) return true;
    await setAside(originals, organisationId, photo);
    return (await originals.head(object_key)) !== null;
  };

  return feature('Edge boxes')
    .post(
      '/edge/grants',
      async ({ edge, body }) => {
        // Without a pipeline the registration would be refused after all bytes had travelled.
        await pipelines.require();
        const { sha256, size_bytes: sizeBytes, media_type: mediaType } = body;
        if (sizeBytes > limits.bytesMax) throw tooLarge(limits.bytesMax);
        const { organisationId, edgeId } = edge;
        if (await isStored(organisationId, sha256)) return { state: 'stored' as const };
        const key = inboxKey({ organisationId, sha256 }, edgeId);
        // Whoever put it may not have heard so; registration compares the bytes.
        const arrived = await originals.head(key);
        if (arrived?.sizeBytes === sizeBytes) return { state: 'stored' as const };
        if (body.parts && originals.parts && sizeBytes > PARTS_FROM_BYTES) {
          const id = await openUpload(originals.parts, key, mediaType);
          return {
            state: 'parts' as const,
            key,
            upload: { id, part_bytes: partBytesOf(sizeBytes) },
          };
        }
        const put = { sha256, sizeBytes, mediaType };
        const grant =
          (await originals.grantPut(key, { ...put, expiresInSeconds: GRANT_SECONDS })) ??
          signInboxGrant(context, {
            organisationId,
            edgeId,
            ...put,
            expires: clock.now() + GRANT_SECONDS * 1000,
          });
        const { method, url, headers, expiresAt } = grant;
        return {
          state: 'put' as const,
          key,
          grant: { method, url, headers, expires_at: expiresAt },
        };
      },
      {
        edgeOnly: true,
        body: GrantBody,
        response: { 200: Grant },
        detail: { summary: 'Ask where to put the bytes of a photo' },
      },
    )
    .put(
      '/edge/inbox/:edge_id/:sha256',
      async ({ request, params, query, set }) => {
        const { headers } = request;
        const grant = {
          organisationId: query.organisation,
          edgeId: params.edge_id,
          sha256: params.sha256,
          sizeBytes: Number(headers.get('x-demeter-size') ?? Number.NaN),
          mediaType: headers.get('content-type') ?? '',
          expires: query.expires,
        };
        try {
          checkInboxGrant(context, grant, query.signature);
        } catch (error) {
          // One that has merely expired is an honest box's.
          if (grant.expires > clock.now()) {
            const actor = `address:${scopeOf(request).remoteAddress ?? 'inside'}`;
            const subject = { subjectType: 'edges', subjectId: grant.edgeId } as const;
            await auditTrespass(context, { actor, ...subject });
          }
          throw error;
        }
        const key = inboxKey(grant, grant.edgeId);
        if ((await originals.head(key)) !== null) {
          set.status = 412;
          return { state: 'there' as const };
        }
        const chunks = request.body ?? new Blob([]).stream();
        await withStagedBytes(chunks, grant.sizeBytes, async ({ path, sha256, sizeBytes }) => {
          if (sha256 !== grant.sha256 || sizeBytes !== grant.sizeBytes) {
            throw new AppError('CHECKSUM_MISMATCH', 'These are not the bytes of the grant.');
          }
          await originals.put(key, { path }, grant);
        });
        set.status = 201;
        return { state: 'stored' as const };
      },
      {
        open: true,
        parse: 'none',
        params: t.Object({ edge_id: t.String({ format: 'uuid' }), sha256: PhotoId }),
        query: t.Object({
          organisation: t.String({ format: 'uuid' }),
          expires: t.Integer(),
          signature: t.String({ maxLength: 100 }),
        }),
        response: {
          201: t.Object({ state: t.Literal('stored') }),
          412: t.Object({ state: t.Literal('there') }),
        },
        detail: { summary: 'Put the bytes of a photo, by a grant', requestBody: RAW_BODY },
      },
    )
    .post(
      '/edge/photos',
      async ({ edge, body, set }) => {
        const taken = await takeEdgePhoto(take, edge, body);
        set.status = taken.created ? 201 : 200;
        return { photo_id: body.sha256, state: taken.state, receipt: taken.receipt };
      },
      {
        edgeOnly: true,
        body: EdgePhoto,
        response: { 200: Registered, 201: Registered },
        detail: { summary: 'Register a photo whose bytes are in the store' },
      },
    );
}
