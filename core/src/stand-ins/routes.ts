import { AppError } from '@demeter/common/errors';
import { parseSha256 } from '@demeter/common/ids';
import { t } from 'elysia';
import { sql } from 'kysely';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { Id, limitOf, nullable, PageQuery, pageOf, shape, Time, toPage } from '../http/schemas.ts';
import { PhotoId } from '../photos/photo-body.ts';
import { StandInBody, takeStandIn } from './take-stand-in.ts';

/** A photo that its box keeps back: no photo of the core's, and in no count. */
const StandIn = shape('StandIn', {
  photo_id: PhotoId,
  edge_id: Id,
  edge_code: t.String(),
  camera: t.String(),
  state: t.String({ description: 'kept; resolved: the box has given the photo up' }),
  policy: t.String({ description: 'The verdict or reason whose policy it falls under.' }),
  forward: t.String({ description: 'thumbnail or hold' }),
  verdict: t.Any({ description: "The edge's judgement." }),
  size_bytes: t.Integer(),
  media_type: t.String(),
  captured_at: nullable(Time),
  time_flag: t.String(),
  accepted_at: Time,
  kept_until: nullable(Time),
  received_at: Time,
  resolved_at: nullable(Time),
  has_thumbnail: t.Boolean(),
});

interface Row extends Omit<typeof StandIn.static, 'photo_id'> {
  readonly photo_id: string;
  readonly cursor: string;
}

const Params = t.Object({ edge_id: Id, photo_id: PhotoId });
const CURSOR = /^\d{4}-[0-9T:.Z-]+ [0-9a-f]{64}$/;

/** Photos that policies keep on their boxes, as the boxes tell of them. */
export function standInRoutes(context: CoreContext) {
  const { db } = context;
  return feature('Edge boxes')
    .post(
      '/edge/stand-ins',
      async ({ edge, body }) => {
        await takeStandIn(context, edge, body);
        return { photo_id: body.sha256, state: body.state };
      },
      {
        edgeOnly: true,
        body: StandInBody,
        response: { 200: t.Object({ photo_id: PhotoId, state: t.String() }) },
        detail: { summary: 'Say that a photo stays on this box, and what it looks like' },
      },
    )
    .get(
      '/stand-ins',
      async ({ principal, query }) => {
        const limit = limitOf(query);
        const rows = await readStandIns(principal.organisationId, limit + 1, query.cursor);
        return toPage(rows, limit, toBody, (row) => row.cursor);
      },
      {
        permission: 'photos:read',
        query: PageQuery,
        response: { 200: pageOf(StandIn) },
        detail: { summary: 'Photos that stay on their boxes, newest first' },
      },
    )
    .get(
      '/stand-ins/:edge_id/:photo_id/thumbnail',
      async ({ principal, params }) => {
        const row = await db
          .selectFrom('stand_ins')
          .select(['thumbnail', 'thumbnail_media_type'])
          .where('organisation_id', '=', principal.organisationId)
          .where('edge_id', '=', params.edge_id)
          .where('sha256', '=', parseSha256(params.photo_id))
          .executeTakeFirst();
        if (!row?.thumbnail || row.thumbnail_media_type === null) {
          throw new AppError('NOT_FOUND', 'There is no such picture.', { field: 'photo_id' });
        }
        return new Response(new Uint8Array(row.thumbnail), {
          headers: {
            'content-type': row.thumbnail_media_type,
            'cache-control': 'private, max-age=300',
            'content-security-policy': "default-src 'none'; sandbox",
            'x-content-type-options': 'nosniff',
          },
        });
      },
      {
        permission: 'photos:read',
        params: Params,
        detail: { summary: 'The small picture that stands for a photo on a box' },
      },
    );

  /** Once the photo itself is here, it stands for itself. */
  async function readStandIns(organisationId: string, limit: number, cursor: string | undefined) {
    if (cursor !== undefined && !CURSOR.test(cursor)) {
      throw new AppError('INVALID_INPUT', 'This is no cursor of this list.', { field: 'cursor' });
    }
    const [at, sha = ''] = cursor?.split(' ') ?? [];
    const time = (column: string) =>
      sql`to_char(${sql.ref(`s.${column}`)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
    const after =
      at === undefined
        ? sql`true`
        : sql`(s.received_at, s.sha256) < (${at}::timestamptz, ${Buffer.from(sha, 'hex')})`;
    const { rows } = await sql<Row>`
      select encode(s.sha256, 'hex') as photo_id, s.edge_id, e.code as edge_code, s.camera, s.state,
             s.policy, s.forward, s.verdict, s.size_bytes, s.media_type, s.time_flag,
             ${time('captured_at')} as captured_at, ${time('accepted_at')} as accepted_at,
             ${time('kept_until')} as kept_until, ${time('received_at')} as received_at,
             ${time('resolved_at')} as resolved_at, s.thumbnail is not null as has_thumbnail,
             to_char(s.received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
               || ' ' || encode(s.sha256, 'hex') as cursor
        from stand_ins s
        join edges e on e.organisation_id = s.organisation_id and e.id = s.edge_id
       where s.organisation_id = ${organisationId} and ${after}
         and not exists (select 1 from photos p where p.organisation_id = s.organisation_id
                          and p.sha256 = s.sha256)
       order by s.received_at desc, s.sha256 desc limit ${limit}`.execute(db);
    return rows;
  }
}

function toBody({ cursor: _, ...row }: Row): typeof StandIn.static {
  return row;
}
