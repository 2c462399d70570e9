import { createHash } from 'node:crypto';
import { t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';

/** More than a nursery has; a box keeps and shows them as one list. */
const PLACES_MAX = 20_000;

/**
 * The places of the organisation, for the page of a box: workers pick them where there is no link.
 * Not a piece of the signed configuration: a new bench would put each box on trial again.
 */
export function boxPlaceRoutes({ db }: Pick<CoreContext, 'db'>) {
  return feature('Edge boxes').get(
    '/edge/places',
    async ({ edge, request }) => {
      const places = await db
        .selectFrom('storage_locations')
        .select(['code', 'name'])
        .where('organisation_id', '=', edge.organisationId)
        .where('retired_at', 'is', null)
        .orderBy('code')
        .limit(PLACES_MAX)
        .execute();
      const body = JSON.stringify({ places });
      const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
      const headers = { etag, 'cache-control': 'no-cache', 'content-type': 'application/json' };
      const isKnown = request.headers.get('if-none-match') === etag;
      return new Response(isKnown ? null : body, { status: isKnown ? 304 : 200, headers });
    },
    {
      edgeOnly: true,
      response: {
        200: t.Object({ places: t.Array(t.Object({ code: t.String(), name: t.String() })) }),
      },
      detail: { summary: 'Places to pick from at the box, by their codes' },
    },
  );
}
