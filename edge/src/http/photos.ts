import { AppError } from '@demeter/common/errors';
import { isSha256Hex } from '@demeter/common/ids';
import { withLogContext } from '@demeter/common/logger';
import { readMultipart } from '@demeter/common/multipart';
import { tooLarge } from '@demeter/common/photo-format';
import { withSpan } from '@demeter/common/telemetry';
import { Elysia, t } from 'elysia';
import type { Accepted, Intake } from '../buffer/intake.ts';
import { type Journal, PHOTO_STATES } from '../buffer/journal.ts';
import { authenticate, type Camera } from '../cameras.ts';
import { countOf } from '../count/count-ledger.ts';
import { listPhotos } from '../photos/list-photos.ts';
import { toPhotoJson, toSightingJson } from '../photos/photo-json.ts';
import { correlationIdOf, toArrival, traceparentOf } from './arrival.ts';
import { Incoming, type Pace } from './incoming.ts';

export interface PhotosOptions {
  readonly cameras: readonly Camera[];
  readonly intake: Intake;
  readonly journal: Journal;
  readonly bytesMax: number;
  /** Aborts when the edge stops: nothing new is taken then. */
  readonly stopping: AbortSignal;
  /** Slowest upload that is waited for; tests are less patient. */
  readonly pace?: Pace | undefined;
}

/** Uploads at the same time; each holds a file and a few hundred kilobytes. */
const UPLOADS_MAX = 256;
/** A form's own bytes around its file. */
const FORM_BYTES_MAX = 64 * 1024;

export function photoRoutes(options: PhotosOptions) {
  const { cameras, journal } = options;
  let uploads = 0;
  return new Elysia()
    .post(
      '/photos',
      async ({ request, set }) => {
        const camera = authenticate(cameras, request.headers.get('authorization'));
        if (options.stopping.aborted) throw new AppError('DRAINING', 'The edge is stopping.');
        if (uploads >= UPLOADS_MAX) {
          throw new AppError('TOO_MANY_REQUESTS', 'Too many uploads at once.', {
            retryAfterSeconds: 2,
          });
        }
        uploads++;
        try {
          const fields = {
            correlation_id: correlationIdOf(request),
            method: 'POST',
            path: '/photos',
          };
          const accepted = await withLogContext(fields, () =>
            withSpan('edge accept', { traceparent: traceparentOf(request) }, () =>
              accept(request, camera, options),
            ),
          );
          set.status = accepted.isNew ? 201 : 200;
          return {
            photo_id: accepted.sha256,
            sighting_id: accepted.sightingId,
            state: accepted.state,
            new: accepted.isNew,
          };
        } finally {
          uploads--;
        }
      },
      { parse: 'none' },
    )
    .get(
      '/photos',
      ({ request, query }) => {
        authenticate(cameras, request.headers.get('authorization'));
        return listPhotos(journal, query);
      },
      {
        query: t.Object({
          state: t.Optional(
            t.Union([...PHOTO_STATES, 'quarantined'].map((state) => t.Literal(state))),
          ),
          limit: t.Optional(t.Integer({ minimum: 1, maximum: 1000 })),
          after: t.Optional(t.String({ pattern: '^[0-9]+-[0-9a-f]{64}$' })),
        }),
      },
    )
    .get('/photos/:sha256', ({ request, params }) => {
      authenticate(cameras, request.headers.get('authorization'));
      const row = isSha256Hex(params.sha256) ? journal.photo(params.sha256) : null;
      if (!row) {
        throw new AppError('NOT_FOUND', 'This edge knows no such photo.', {
          hint: 'Give all 64 hex digits of its SHA-256; GET /photos lists those it knows.',
        });
      }
      const sightings = journal.sightings(row.sha256).map(toSightingJson);
      return { ...toPhotoJson(row, countOf(journal, row.sha256)), sightings };
    });
}

async function accept(
  request: Request,
  camera: Camera,
  { intake, bytesMax, pace }: PhotosOptions,
): Promise<Accepted> {
  const { headers } = request;
  const multipart = /^multipart\/form-data/i.test(headers.get('content-type') ?? '');
  const announced = Number(headers.get('content-length') ?? Number.NaN);
  const bodyMax = bytesMax + (multipart ? FORM_BYTES_MAX : 0);
  if (announced > bodyMax) throw tooLarge(bytesMax);
  const sizeHint = announced >= 0 ? announced : bytesMax;
  const limits = { bodyBytesMax: bodyMax, photoBytesMax: bytesMax, pace };
  const body = new Incoming(request.body, limits);
  const common = { expectedSha256: headers.get('expect-sha-256') ?? undefined };
  if (!multipart) {
    const claims = {
      ...common,
      fileName: decodeName(headers.get('x-file-name')),
      capturedAt: headers.get('x-captured-at') ?? undefined,
      locationCode: decodeName(headers.get('x-location-code')),
    };
    const arrival = toArrival(camera, claims, request);
    return await intake.accept(body, sizeHint, () => arrival);
  }
  const form = readMultipart(request, body);
  return await intake.accept(form.chunks, sizeHint, () => {
    const claims = {
      ...common,
      fileName: form.fileName(),
      capturedAt: form.fields.get('captured_at'),
      locationCode: form.fields.get('location_code'),
    };
    return toArrival(camera, claims, request);
  });
}

/** Headers are ASCII: names with other letters come percent-encoded. */
function decodeName(value: string | null): string | undefined {
  if (value === null) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
