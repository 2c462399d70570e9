import { AppError } from '@demeter/common/errors';
import { parseSha256 } from '@demeter/common/ids';
import { t } from 'elysia';
import { sql } from 'kysely';
import type { EdgePrincipal } from '../auth/principal.ts';
import type { CoreContext } from '../context.ts';
import { auditTrespass } from '../edges/trespass.ts';
import { feature } from '../http/feature.ts';
import { nullable } from '../http/schemas.ts';
import { PhotoId } from './photo-body.ts';

const EdgeStatus = t.Object({
  photo_id: PhotoId,
  state: t.String(),
  detected: nullable(t.Integer()),
  location_code: nullable(t.String()),
  session_state: t.String(),
});
type EdgeStatus = typeof EdgeStatus.static;

const PHOTOS_MAX = 100;

/** How photos of an edge stand, for that edge: one, or many at once. */
export function edgeStatusRoutes(
  context: Pick<CoreContext, 'db' | 'clock' | 'log' | 'organisationId'>,
) {
  /** Those that this edge has sent; reaching for another's is audited. */
  const readStatuses = async (edge: EdgePrincipal, photos: readonly string[]) => {
    const statuses = await readOwn(context, edge, photos);
    const own = new Set(statuses.map(({ photo_id }) => photo_id));
    const others = photos.filter((photo) => !own.has(photo));
    for (const subjectId of await readKnown(context, edge, others)) {
      await auditTrespass(context, { actor: edge.actor, subjectType: 'photos', subjectId });
    }
    return statuses;
  };
  return feature('Edge boxes')
    .get(
      '/edge/photos/:sha256',
      async ({ edge, params }) => {
        const [status] = await readStatuses(edge, [params.sha256]);
        if (status) return status;
        throw new AppError('NOT_FOUND', 'This edge has sent no such photo.', { field: 'sha256' });
      },
      {
        edgeOnly: true,
        params: t.Object({ sha256: PhotoId }),
        response: { 200: EdgeStatus },
        detail: { summary: 'How a photo of this edge stands' },
      },
    )
    .post(
      '/edge/photos/states',
      async ({ edge, body }) => ({ photos: await readStatuses(edge, body.photos) }),
      {
        edgeOnly: true,
        body: t.Object({ photos: t.Array(PhotoId, { minItems: 1, maxItems: PHOTOS_MAX }) }),
        response: { 200: t.Object({ photos: t.Array(EdgeStatus) }) },
        detail: { summary: 'How photos of this edge stand; those of others are left out' },
      },
    );
}

async function readOwn(
  { db }: Pick<CoreContext, 'db'>,
  { organisationId, edgeId }: EdgePrincipal,
  photos: readonly string[],
): Promise<EdgeStatus[]> {
  const { rows } = await sql<EdgeStatus>`
    select encode(p.sha256, 'hex') as photo_id, p.state, s.detected,
           l.code as location_code, s.state as session_state
      from photos p
      join photo_sessions s on s.organisation_id = p.organisation_id
                           and s.id = p.photo_session_id
      left join storage_locations l on l.organisation_id = p.organisation_id
                                   and l.id = p.storage_location_id
     where p.organisation_id = ${organisationId}
       and p.sha256 in (${sql.join(photos.map((photo) => parseSha256(photo)))})
       and exists (select 1 from sightings g where g.organisation_id = p.organisation_id
                    and g.sha256 = p.sha256 and g.edge_id = ${edgeId})`.execute(db);
  return rows;
}

async function readKnown(
  { db }: Pick<CoreContext, 'db'>,
  { organisationId }: EdgePrincipal,
  photos: readonly string[],
): Promise<string[]> {
  if (photos.length === 0) return [];
  const rows = await db
    .selectFrom('photos')
    .select('sha256')
    .where('organisation_id', '=', organisationId)
    .where(
      'sha256',
      'in',
      photos.map((photo) => parseSha256(photo)),
    )
    .execute();
  return rows.map(({ sha256 }) => sha256.toString('hex'));
}
