import { AppError } from '@demeter/common/errors';
import { parseSha256 } from '@demeter/common/ids';
import { sniffFormat } from '@demeter/common/photo-format';
import { type Static, t } from 'elysia';
import { sql } from 'kysely';
import type { EdgePrincipal } from '../auth/principal.ts';
import type { CoreContext } from '../context.ts';
import { nullable } from '../http/schemas.ts';
import { toCaptureColumns } from '../photos/capture-columns.ts';
import { boxTimeOf, EdgePhoto } from '../photos/edge-photo.ts';
import { boundStandIns } from './retention.ts';

/** A picture of a long side of 480 px takes some 20 kB. */
const THUMBNAIL_BYTES_MAX = 128 * 1024;
const THUMBNAIL_TYPES = { jpeg: 'image/jpeg', webp: 'image/webp' } as const;

/**
 * What a box says of a photo that a policy keeps there: all that a registration says, and a small
 * picture in its stead, or none.
 */
export const StandInBody = t.Composite(
  [
    EdgePhoto,
    t.Object({
      state: t.Union([t.Literal('kept'), t.Literal('resolved')]),
      policy: t.Object(
        {
          name: t.String({ maxLength: 100 }),
          forward: t.Union([t.Literal('thumbnail'), t.Literal('hold')]),
        },
        { additionalProperties: true },
      ),
      kept_until: nullable(t.String({ format: 'date-time' })),
      thumbnail: nullable(
        t.String({
          maxLength: Math.ceil((THUMBNAIL_BYTES_MAX * 4) / 3) + 4,
          pattern: '^[A-Za-z0-9+/]*={0,2}$',
          description: 'Base64 of a JPEG or WebP.',
        }),
      ),
    }),
  ],
  { additionalProperties: true },
);
type StandInBody = Static<typeof StandInBody>;

/**
 * Takes note of a photo that stays on its box; again, it replaces what was noted. One that is given
 * up keeps the picture that came before. Throws INVALID_INPUT.
 */
export async function takeStandIn(
  context: Pick<CoreContext, 'db' | 'clock' | 'values' | 'metrics'>,
  edge: EdgePrincipal,
  given: StandInBody,
): Promise<void> {
  const { db, clock } = context;
  const { sighting } = given;
  const boxTime = await boxTimeOf(context, edge, given);
  const said = {
    captured_at: sighting.captured_at ?? null,
    captured_at_local: sighting.captured_at_local ?? null,
  };
  const columns = toCaptureColumns(said, sighting.captured_at_source, { timezone: null, boxTime });
  const now = new Date(clock.now());
  const resolved = given.state === 'resolved';
  const thumbnail = given.thumbnail === null ? null : toThumbnail(given.thumbnail);
  // By the core's clock: the box's may be a year off.
  const shiftMs = boxTime.offsetMs ?? 0;
  const keptUntil = given.kept_until && new Date(Date.parse(given.kept_until) + shiftMs);
  const noted = {
    state: given.state,
    kept_until: keptUntil,
    resolved_at: resolved ? now : null,
    ...(resolved && thumbnail === null
      ? {}
      : {
          thumbnail: thumbnail?.bytes ?? null,
          thumbnail_media_type: thumbnail?.mediaType ?? null,
        }),
  };
  const { is_new } = await db
    .insertInto('stand_ins')
    .values({
      organisation_id: edge.organisationId,
      edge_id: edge.edgeId,
      sha256: parseSha256(given.sha256),
      policy: given.policy.name,
      forward: given.policy.forward,
      verdict: given.verdict ? JSON.stringify(given.verdict) : null,
      size_bytes: given.size_bytes,
      media_type: given.media_type,
      camera: sighting.camera,
      place: given.place ? JSON.stringify(given.place) : null,
      captured_at: columns.captured_at,
      time_flag: columns.time_flag,
      accepted_at: new Date(Date.parse(sighting.accepted_at) + shiftMs),
      received_at: now,
      ...noted,
    })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'edge_id', 'sha256']).doUpdateSet(noted),
    )
    // Of a row that was there before, xmax is the transaction that replaced it.
    .returning(sql<boolean>`xmax = 0`.as('is_new'))
    .executeTakeFirstOrThrow();
  if (is_new) await boundStandIns(context, edge);
}

function toThumbnail(base64: string): { readonly bytes: Buffer; readonly mediaType: string } {
  const bytes = Buffer.from(base64, 'base64');
  const format = sniffFormat(bytes.subarray(0, 64));
  const mediaType = THUMBNAIL_TYPES[format as keyof typeof THUMBNAIL_TYPES];
  if (mediaType !== undefined && bytes.length <= THUMBNAIL_BYTES_MAX) return { bytes, mediaType };
  throw new AppError('INVALID_INPUT', 'The thumbnail is no JPEG or WebP of 128 KiB at most.', {
    field: 'thumbnail',
  });
}
