import { digestOfDay, SIGHTING_KEY_PATTERN } from '@demeter/common/edge-days';
import { t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { nullable } from '../http/schemas.ts';
import { PhotoId } from '../photos/photo-body.ts';
import { readDayKeys, readDays } from './day-sets.ts';
import { ANSWERS, readWanted, writeAnswers } from './wanted.ts';

/** Days of one request, so that its answer is within a statement's time. */
const DAYS_MAX = 31;
const KEYS_MAX = 5_000;
const PHOTOS_MAX = 500;

const Day = t.String({ format: 'date' });
const Key = t.String({
  pattern: SIGHTING_KEY_PATTERN,
  description: "SHA-256 of the photo in hex, then the sighting's ULID.",
});
const NONE = digestOfDay([]);

/** How a box finds out what the centre holds of it (docs/protocols.md); its own days only. */
export function reconcileRoutes({ db }: Pick<CoreContext, 'db'>) {
  return feature('Edge boxes')
    .post(
      '/edge/reconcile/days',
      async ({ edge, body }) => {
        const held = new Map((await readDays(db, edge, body.days)).map((one) => [one.day, one]));
        return {
          days: body.days.map((day) => held.get(day) ?? { day, sightings: 0, digest: NONE }),
        };
      },
      {
        edgeOnly: true,
        body: t.Object({ days: t.Array(Day, { minItems: 1, maxItems: DAYS_MAX }) }),
        response: {
          200: t.Object({
            days: t.Array(t.Object({ day: Day, sightings: t.Integer(), digest: t.String() })),
          }),
        },
        detail: { summary: 'What the centre holds of this box’s days (UTC), as digests' },
      },
    )
    .get(
      '/edge/reconcile/days/:day',
      async ({ edge, params, query }) => {
        const { after = '', limit = KEYS_MAX } = query;
        const keys = await readDayKeys(db, edge, { day: params.day, after, limit });
        return { keys, next: keys.length === limit ? (keys.at(-1) ?? null) : null };
      },
      {
        edgeOnly: true,
        params: t.Object({ day: Day }),
        query: t.Object({
          after: t.Optional(Key),
          limit: t.Optional(t.Integer({ minimum: 1, maximum: KEYS_MAX })),
        }),
        response: { 200: t.Object({ keys: t.Array(Key), next: nullable(Key) }) },
        detail: { summary: 'The sightings of one of its days, in order' },
      },
    )
    .get(
      '/edge/reconcile/wanted',
      async ({ edge, query }) => {
        const photos = await readWanted(db, edge, { after: query.after, limit: PHOTOS_MAX });
        return { photos, next: photos.length === PHOTOS_MAX ? (photos.at(-1) ?? null) : null };
      },
      {
        edgeOnly: true,
        query: t.Object({ after: t.Optional(PhotoId) }),
        response: { 200: t.Object({ photos: t.Array(PhotoId), next: nullable(PhotoId) }) },
        detail: { summary: 'Photos of this box that the centre has lost and asks for again' },
      },
    )
    .post(
      '/edge/reconcile/answers',
      async ({ edge, body }) => {
        await writeAnswers(db, edge, body.photos);
        return { taken: body.photos.length };
      },
      {
        edgeOnly: true,
        body: t.Object({
          photos: t.Array(
            t.Object({
              sha256: PhotoId,
              answer: t.Union(ANSWERS.map((answer) => t.Literal(answer))),
            }),
            { minItems: 1, maxItems: PHOTOS_MAX },
          ),
        }),
        response: { 200: t.Object({ taken: t.Integer() }) },
        detail: { summary: 'What the box does about the photos it was asked for' },
      },
    );
}
