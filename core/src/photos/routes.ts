import { AppError } from '@demeter/common/errors';
import { parseSha256 } from '@demeter/common/ids';
import { t } from 'elysia';
import { feature } from '../http/feature.ts';
import { scopeOf } from '../http/request-scope.ts';
import { Id, IdParams, limitOf, PageQuery, pageOf, toPage } from '../http/schemas.ts';
import { readDetections } from '../runs/detections.ts';
import { countBooking } from '../stock/book-waiting.ts';
import { linkBase, signLink } from './links.ts';
import {
  Detections,
  Photo,
  type PhotoBody,
  PhotoParams,
  Session,
  SessionStates,
  Uploaded,
} from './photo-body.ts';
import { publishPhoto } from './photo-event.ts';
import { type PhotoRow, readPhotos, readSessions, toCursor } from './photo-queries.ts';
import { placePhoto } from './place-photo.ts';
import { findClaimed } from './place-queries.ts';
import { type TakeContext, takePhoto } from './take-photo.ts';
import { UPLOAD_DOCUMENT } from './upload-document.ts';
import { readUpload } from './upload-request.ts';

const PlaceBody = t.Union([
  t.Object({ location_id: Id }),
  t.Object({ location_code: t.String({ minLength: 1, maxLength: 64 }) }),
]);
const PhotoQuery = t.Composite([
  PageQuery,
  t.Object({
    state: t.Optional(t.String({ maxLength: 20 })),
    session_state: t.Optional(SessionStates),
    location_id: t.Optional(Id),
  }),
]);
const SessionQuery = t.Composite([
  PageQuery,
  t.Object({ state: t.Optional(t.String({ maxLength: 20 })), location_id: t.Optional(Id) }),
]);
const upload = {
  permission: 'photos:write',
  parse: 'none',
  response: { 200: Uploaded, 201: Uploaded },
} as const;

/** Photos as people and programs send and see them. */
export function photoRoutes(take: TakeContext) {
  const { context } = take;
  const { db } = context;

  const send = async (request: Request, actor: string) => {
    const { correlationId } = scopeOf(request);
    const taken = await takePhoto(take, { ...readUpload(request), actor, correlationId });
    const photo = await readOne(context.organisationId, taken.photoId);
    const { photoId } = taken;
    const file = { organisationId: context.organisationId, kind: 'original', photoId } as const;
    const body = {
      photo_id: photoId,
      original_url: signLink(context, linkBase(context, request), file),
      status: photo.session.state,
    };
    return { created: taken.created, body };
  };

  const readOne = async (organisationId: string, photoId: string): Promise<PhotoRow> => {
    const [row] = await readPhotos(db, organisationId, { photoId: parseSha256(photoId) }, 1);
    if (row) return row;
    throw new AppError('NOT_FOUND', 'There is no such photo.', { field: 'photo_id' });
  };

  const toBody = (request: Request, organisationId: string) => (row: PhotoRow) =>
    toPhotoBody(row, (kind, photoId) =>
      signLink(context, linkBase(context, request), { organisationId, kind, photoId }),
    );

  return feature('Photos')
    .post(
      '/photos',
      async ({ request, principal, set }) => {
        const { created, body } = await send(request, principal.actor);
        set.status = created ? 201 : 200;
        return body;
      },
      {
        ...upload,
        detail: { ...UPLOAD_DOCUMENT, summary: 'Send a photo, as a form or as raw bytes' },
      },
    )
    .post(
      '/photos/upload',
      async ({ request, principal, set }) => {
        const { created, body } = await send(request, principal.actor);
        set.status = created ? 201 : 200;
        return body;
      },
      {
        ...upload,
        detail: { ...UPLOAD_DOCUMENT, summary: 'Send a photo (the original system’s name)' },
      },
    )
    .get(
      '/photos',
      async ({ request, principal, query }) => {
        const { organisationId } = principal;
        const limit = limitOf(query);
        const filter = {
          ...(query.state ? { state: query.state } : {}),
          ...(query.session_state ? { sessionStates: query.session_state.split(',') } : {}),
          ...(query.location_id ? { locationId: query.location_id } : {}),
          ...(query.cursor ? { cursor: query.cursor } : {}),
        };
        const rows = await readPhotos(db, organisationId, filter, limit + 1);
        return toPage(rows, limit, toBody(request, organisationId), toCursor);
      },
      {
        permission: 'photos:read',
        query: PhotoQuery,
        response: { 200: pageOf(Photo) },
        detail: { summary: 'Photos, newest first' },
      },
    )
    .get(
      '/photos/:photo_id',
      async ({ request, principal, params }) => {
        const row = await readOne(principal.organisationId, params.photo_id);
        return toBody(request, principal.organisationId)(row);
      },
      {
        permission: 'photos:read',
        params: PhotoParams,
        response: { 200: Photo },
        detail: { summary: 'One photo, with its place, count and stock' },
      },
    )
    .put(
      '/photos/:photo_id/location',
      async ({ request, principal, params, body }) => {
        const { organisationId } = principal;
        const sha256 = parseSha256(params.photo_id);
        const booking = await db.transaction().execute(async (trx) => {
          const locationId = await findClaimed(trx, organisationId, body);
          if (locationId === null) {
            throw new AppError('NOT_FOUND', 'There is no such place.', { field: 'location' });
          }
          return await placePhoto(trx, { organisationId, sha256, locationId, source: 'person' });
        });
        if (booking) countBooking(context, booking);
        void publishPhoto(context, organisationId, sha256);
        const row = await readOne(organisationId, params.photo_id);
        return toBody(request, organisationId)(row);
      },
      {
        permission: 'photos:write',
        params: PhotoParams,
        body: PlaceBody,
        response: { 200: Photo },
        detail: { summary: 'Say where a photo was taken; what was counted is booked there' },
      },
    )
    .get(
      '/photos/:photo_id/detections',
      async ({ principal, params }) => {
        const { organisationId } = principal;
        const { run, width, height } = await readOne(organisationId, params.photo_id);
        if (run?.state !== 'completed') {
          throw new AppError('NOT_FOUND', 'The photo is not counted yet.', { field: 'photo_id' });
        }
        const packed = await readDetections(db, { organisationId, runId: run.id });
        return { run_id: run.id, width, height, ...packed };
      },
      {
        permission: 'photos:read',
        params: PhotoParams,
        response: { 200: Detections },
        detail: { summary: 'What the current run found, in packed arrays' },
      },
    )
    .get(
      '/photo-sessions',
      async ({ principal, query }) => {
        const limit = limitOf(query);
        const filter = {
          ...(query.state ? { state: query.state } : {}),
          ...(query.location_id ? { locationId: query.location_id } : {}),
          ...(query.cursor ? { before: query.cursor } : {}),
        };
        const rows = await readSessions(db, principal.organisationId, filter, limit + 1);
        return toPage(
          rows,
          limit,
          (row) => row,
          (row) => row.id,
        );
      },
      {
        permission: 'photos:read',
        query: t.Composite([SessionQuery, t.Object({ cursor: t.Optional(Id) })]),
        response: { 200: pageOf(Session) },
        detail: { summary: 'Visits to places, newest first' },
      },
    )
    .get(
      '/photo-sessions/:id',
      async ({ principal, params }) => {
        const [row] = await readSessions(db, principal.organisationId, { id: params.id }, 1);
        if (row) return row;
        throw new AppError('NOT_FOUND', 'There is no such session.', { field: 'id' });
      },
      {
        permission: 'photos:read',
        params: IdParams,
        response: { 200: Session },
        detail: { summary: 'One visit to a place' },
      },
    );
}

type LinkOf = (kind: 'original' | 'overlay' | 'thumbnail', photoId: string) => string;

function toPhotoBody(row: PhotoRow, linkOf: LinkOf): PhotoBody {
  const { has_overlay, has_thumbnail, cursor: _, ...photo } = row;
  const isKept = photo.state === 'stored' || photo.state === 'quarantined';
  return {
    ...photo,
    links: {
      original: isKept ? linkOf('original', photo.photo_id) : null,
      overlay: has_overlay ? linkOf('overlay', photo.photo_id) : null,
      thumbnail: has_thumbnail ? linkOf('thumbnail', photo.photo_id) : null,
    },
  };
}
