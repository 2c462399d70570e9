import { AppError } from '@demeter/common/errors';
import { boxModelKey } from '@demeter/common/object-keys';
import { t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { nullable } from '../http/schemas.ts';
import { PhotoId } from '../photos/photo-body.ts';
import type { EdgeOfDays as EdgeRef } from './day-sets.ts';
import { HELD_HEADER, parseHeld } from './held-versions.ts';
import { currentManifest, type Piece, readLast } from './manifests.ts';
import { skipBytes } from './skip-bytes.ts';

const Version = t.Integer({ minimum: 1 });

/** What a box pulls, and what it says became of it (docs/protocols.md). */
export function pullRoutes(
  context: Pick<CoreContext, 'db' | 'keys' | 'clock' | 'originals' | 'log'>,
) {
  const { db, originals } = context;
  return feature('Edge boxes')
    .get(
      '/edge/configuration',
      async ({ edge, request }) => {
        const held = parseHeld(request.headers.get(HELD_HEADER));
        const manifest = await currentManifest(context, edge, held);
        const etag = `"${manifest?.version ?? 0}"`;
        const headers = { etag, 'cache-control': 'no-cache' };
        if (request.headers.get('if-none-match') === etag) {
          return new Response(null, { status: 304, headers });
        }
        return Response.json({ manifest: manifest?.jws ?? null }, { headers });
      },
      {
        edgeOnly: true,
        response: { 200: t.Object({ manifest: nullable(t.String()) }) },
        detail: { summary: 'The signed manifest of what this box should have' },
      },
    )
    .get(
      '/edge/configuration/pieces/:sha256',
      async ({ edge, params, request }) => {
        const piece = await findPiece(edge, params.sha256);
        const from = startOf(request.headers.get('range'), piece.sizeBytes);
        const headers = {
          'content-type': 'application/octet-stream',
          'content-length': String(piece.sizeBytes - from),
          'accept-ranges': 'bytes',
          etag: `"${params.sha256}"`,
          ...(from > 0
            ? { 'content-range': `bytes ${from}-${piece.sizeBytes - 1}/${piece.sizeBytes}` }
            : {}),
        };
        const stream = await piece.open();
        return new Response(skipBytes(stream, from), { status: from > 0 ? 206 : 200, headers });
      },
      {
        edgeOnly: true,
        params: t.Object({ sha256: PhotoId }),
        detail: { summary: 'Bytes that the manifest names; a Range goes on where it was cut' },
      },
    )
    .post(
      '/edge/configuration/state',
      async ({ edge, body }) => {
        const state = { ...body, reported_at: new Date(context.clock.now()) };
        await db
          .insertInto('edge_configuration_states')
          .values({ organisation_id: edge.organisationId, edge_id: edge.edgeId, ...state })
          .onConflict((conflict) =>
            conflict.columns(['organisation_id', 'edge_id']).doUpdateSet(state),
          )
          .execute();
        return { taken: true };
      },
      {
        edgeOnly: true,
        body: t.Object({
          applied_version: nullable(Version),
          on_trial: t.Boolean(),
          refused_version: nullable(Version),
          refused_reason: nullable(t.String({ maxLength: 500 })),
        }),
        response: { 200: t.Object({ taken: t.Boolean() }) },
        detail: { summary: 'What the box works with, and what it went back from' },
      },
    );

  /** Only what this box's own manifest names. Throws NOT_FOUND. */
  async function findPiece(edge: EdgeRef, sha256: string) {
    const manifest = await readLast(db, edge);
    const piece = manifest && piecesOf(manifest.jws).find((one) => one.sha256 === sha256);
    if (!piece) {
      throw new AppError('NOT_FOUND', "This box's manifest names no such piece.", {
        field: 'sha256',
      });
    }
    if (piece.name === 'configuration') {
      const bytes = Buffer.from(manifest.document);
      return { sizeBytes: bytes.length, open: async () => new Blob([bytes]).stream() };
    }
    const key = boxModelKey(edge.organisationId, sha256);
    return {
      sizeBytes: piece.size_bytes,
      open: async () => (await originals.get(key)).stream,
    };
  }
}

/** Of a manifest that this core has signed and kept itself. */
function piecesOf(jws: string): readonly Piece[] {
  const payload = Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8');
  return (JSON.parse(payload) as { pieces: readonly Piece[] }).pieces;
}

/** The first byte of `bytes=N-`; anything else is answered whole, as HTTP allows. */
function startOf(range: string | null, sizeBytes: number): number {
  const from = Number(/^bytes=(\d{1,15})-$/.exec(range ?? '')?.[1] ?? 0);
  return from < sizeBytes ? from : 0;
}
