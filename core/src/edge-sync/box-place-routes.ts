import { createHash } from 'node:crypto';
import { t } from 'elysia';
import type { CoreContext } from '../context.ts';
import type { Handle } from '../db/database.ts';
import { feature } from '../http/feature.ts';

/** More than a nursery has; a box keeps and shows them as one list. */
const PLACES_MAX = 20_000;

/**
 * The places of the organisation, for the page of a box: workers pick them where there is no link.
 * Not a piece of the signed configuration: a new bench would put each box on trial again.
 */
export function boxPlaceRoutes({ db, log }: Pick<CoreContext, 'db' | 'log'>) {
  return feature('Edge boxes').get(
    '/edge/places',
    async ({ edge, request }) => {
      const told = await readBoxPlaces(db, edge.organisationId, PLACES_MAX);
      const body = JSON.stringify(told);
      const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
      const headers = { etag, 'cache-control': 'no-cache', 'content-type': 'application/json' };
      const isKnown = request.headers.get('if-none-match') === etag;
      if (told.truncated && !isKnown) {
        log.warn({ edge_id: edge.edgeId, told: PLACES_MAX }, 'a box is not told of all places');
      }
      return new Response(isKnown ? null : body, { status: isKnown ? 304 : 200, headers });
    },
    {
      edgeOnly: true,
      response: {
        200: t.Object({
          places: t.Array(t.Object({ code: t.String(), name: t.String() })),
          truncated: t.Boolean({ description: 'There are more, by the order of their codes.' }),
        }),
      },
      detail: { summary: 'Places to pick from at the box, by their codes' },
    },
  );
}

/** Those that stand, by their codes, `max` of them; whether there are more. */
export async function readBoxPlaces(db: Handle, organisationId: string, max: number) {
  const places = await db
    .selectFrom('storage_locations')
    .select(['code', 'name'])
    .where('organisation_id', '=', organisationId)
    .where('retired_at', 'is', null)
    .orderBy('code')
    .limit(max + 1)
    .execute();
  return { places: places.slice(0, max), truncated: places.length > max };
}
