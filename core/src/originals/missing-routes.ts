import { parseSha256 } from '@demeter/common/ids';
import { type Static, t } from 'elysia';
import { sql } from 'kysely';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { Id, limitOf, nullable, pageOf, shape, Time, toPage } from '../http/schemas.ts';
import { PhotoId } from '../photos/photo-body.ts';

const MissingPhoto = shape('MissingPhoto', {
  photo_id: PhotoId,
  since: Time,
  reason: t.Union([t.Literal('gone'), t.Literal('changed')]),
  received_at: Time,
  size_bytes: t.Integer(),
  file_name: nullable(t.String()),
  boxes: t.Array(
    t.Object({
      edge_id: Id,
      code: t.String(),
      answer: nullable(
        t.String({
          description:
            'queued: it is sending the photo; evicted, unknown, changed: it has it no more. Null: not asked yet.',
        }),
      ),
      answered_at: nullable(Time),
    }),
    { description: 'Boxes that have sent the photo; none: a person uploaded it.' },
  ),
});
type MissingPhoto = Static<typeof MissingPhoto>;

/** Photos that the store has lost and no box has sent again: somebody must look. */
export function missingPhotoRoutes({ db }: Pick<CoreContext, 'db'>) {
  return feature('Photos').get(
    '/missing-photos',
    async ({ principal, query }) => {
      const limit = limitOf(query);
      const after = query.cursor === undefined ? Buffer.alloc(0) : parseSha256(query.cursor);
      const { rows } = await sql<MissingPhoto>`
        select encode(p.sha256, 'hex') as photo_id, p.missing_since as since,
               p.missing_reason as reason, p.received_at, p.size_bytes,
               (select g.file_name from sightings g
                 where g.organisation_id = p.organisation_id and g.sha256 = p.sha256
                 order by g.id limit 1) as file_name,
               coalesce((select json_agg(json_build_object('edge_id', e.id, 'code', e.code,
                   'answer', r.answer, 'answered_at', r.answered_at) order by e.code)
                 from edges e
                 left join photo_requests r on r.organisation_id = e.organisation_id
                                           and r.edge_id = e.id and r.sha256 = p.sha256
                where e.organisation_id = p.organisation_id
                  and e.id in (select g.edge_id from sightings g
                                where g.organisation_id = p.organisation_id
                                  and g.sha256 = p.sha256)), '[]') as boxes
          from photos p
         where p.organisation_id = ${principal.organisationId} and p.state = 'missing'
           and p.sha256 > ${after}
         order by p.sha256 limit ${limit + 1}`.execute(db);
      return toPage(rows, limit, toMissingPhoto, (row) => row.photo_id);
    },
    {
      permission: 'edges:manage',
      query: t.Object({
        limit: t.Optional(t.Integer({ minimum: 1, maximum: 200 })),
        cursor: t.Optional(PhotoId),
      }),
      response: { 200: pageOf(MissingPhoto) },
      detail: { summary: 'Photos that the store has lost, and what the boxes that sent them say' },
    },
  );
}

function toMissingPhoto(row: MissingPhoto): MissingPhoto {
  const time = (at: string | Date) => new Date(at).toISOString();
  return {
    ...row,
    since: time(row.since),
    received_at: time(row.received_at),
    boxes: row.boxes.map((box) => ({
      ...box,
      answered_at: box.answered_at === null ? null : time(box.answered_at),
    })),
  };
}
