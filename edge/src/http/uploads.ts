import { AppError, type ErrorCode } from '@demeter/common/errors';
import { Server } from '@tus/server';
import { Elysia } from 'elysia';
import type { Devices } from '../pairing/devices.ts';
import type { UploadClaims } from '../uploads/upload-rows.ts';
import type { UploadStore } from '../uploads/upload-store.ts';
import { correlationIdOf, parseClaims, traceparentOf } from './arrival.ts';
import { type IncomingLimits, limitIncoming, type Pace } from './incoming.ts';
import { changerOf, sessionOf } from './session.ts';

export interface UploadsOptions {
  readonly store: UploadStore;
  readonly devices: Devices;
  readonly bytesMax: number;
  /** Aborts when the edge stops: nothing new is taken then. */
  readonly stopping: AbortSignal;
  readonly pace?: Pace | undefined;
}

/** Where a request comes from. */
type Origin = Pick<UploadClaims, 'correlationId' | 'traceparent'> & { readonly device: string };

/** Of Upload-Metadata. */
const CLAIM_KEYS = ['filename', 'captured_at', 'location_code', 'sha256'];
/** Many tus clients add them by themselves; nothing is made of them. */
const IDLE_KEYS = ['filetype', 'name', 'type', 'relativePath'];
/** Bodies at the same time; each holds a file and a few hundred kilobytes. */
const BODIES_MAX = 64;
/** A phone that came back asks for its upload: its earlier, dead connection is let go of so soon. */
const LOCK_DRAIN_MS = 500;

/** Photos in pieces by the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload). */
export function uploadRoutes(options: UploadsOptions) {
  const { store, devices, bytesMax, stopping, pace } = options;
  // What stands behind an answer of the tus server, which knows nothing of sessions and problems.
  const origins = new WeakMap<Request, Origin>();
  const failures = new WeakMap<Request, unknown>();
  const server = new Server({
    path: '/uploads',
    datastore: store,
    relativeLocation: true,
    maxSize: bytesMax,
    lockDrainTimeout: LOCK_DRAIN_MS,
    allowedOrigins: () => false,
    onUploadCreate: async (request, { id, size = 0, metadata = {} }) => {
      if (size === 0) throw new AppError('EMPTY_PHOTO', 'The file has no bytes.');
      const { device, ...origin } = origins.get(request as Request) as Origin;
      requireKnown(metadata);
      const parsed = parseClaims({
        fileName: metadata.filename ?? undefined,
        capturedAt: metadata.captured_at ?? undefined,
        locationCode: metadata.location_code ?? undefined,
        expectedSha256: metadata.sha256 ?? undefined,
      });
      await store.begin({ id, device, sizeBytes: size, claims: { ...parsed, ...origin } });
      return {};
    },
    onUploadFinish: async (_request, { id }) => ({
      headers: { 'Photo-Id': store.photoOf(id) ?? '' },
    }),
    onResponseError: (request, error) => {
      failures.set(request as Request, error);
      return undefined;
    },
  });
  let bodies = 0;

  const answer = async (request: Request, id: string | undefined): Promise<Response> => {
    const reads = request.method === 'HEAD' || request.method === 'OPTIONS';
    const session = (reads ? sessionOf : changerOf)(devices, request);
    if (!reads && stopping.aborted) throw new AppError('DRAINING', 'The edge is stopping.');
    if (id !== undefined && store.ownerOf(id) !== session.device.id) {
      throw new AppError('NOT_FOUND', 'This upload has ended or never began here.', {
        hint: 'Begin it anew.',
      });
    }
    if (bodies >= BODIES_MAX) {
      throw new AppError('TOO_MANY_REQUESTS', 'Too many uploads at once.', {
        retryAfterSeconds: 2,
      });
    }
    let broken: unknown;
    const limits = { bodyBytesMax: bytesMax, photoBytesMax: bytesMax, pace };
    // The tus server says of every body that breaks that it was aborted.
    const limited = withBody(request, limits, (error) => {
      broken = error;
    });
    origins.set(limited, {
      device: session.device.id,
      correlationId: correlationIdOf(request),
      traceparent: traceparentOf(request),
    });
    bodies++;
    try {
      const response = await server.handleWeb(limited as Parameters<Server['handleWeb']>[0]);
      return await requireDone(response, broken ?? failures.get(limited));
    } finally {
      bodies--;
    }
  };

  return new Elysia()
    .all('/uploads', ({ request }) => answer(request, undefined), { parse: 'none' })
    .all('/uploads/:id', ({ request, params }) => answer(request, params.id), { parse: 'none' });
}

/** Throws INVALID_INPUT: a slip in a key must not lose a photo its place. */
function requireKnown(metadata: Readonly<Record<string, unknown>>): void {
  const strange = Object.keys(metadata).find((key) => ![...CLAIM_KEYS, ...IDLE_KEYS].includes(key));
  if (strange === undefined) return;
  throw new AppError('INVALID_INPUT', `Upload-Metadata has no key ${strange}.`, {
    field: strange,
    hint: `Its keys are ${CLAIM_KEYS.join(', ')}.`,
  });
}

/** The request with a body that has an end. */
function withBody(
  { url, method, headers, body }: Request,
  limits: IncomingLimits,
  onError: (error: unknown) => void,
): Request {
  return new Request(url, { method, headers, body: body && limitIncoming(body, limits, onError) });
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  410: 'NOT_FOUND',
  413: 'PHOTO_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  501: 'NOT_OFFERED',
};

/** An answer of the tus server, if it is none of an error. Throws what went wrong otherwise. */
async function requireDone(response: Response, failure: unknown): Promise<Response> {
  if (failure instanceof AppError) throw failure;
  // The protocol demands 412 for another version of it.
  if (response.status < 400 || response.status === 412) return response;
  if (failure !== undefined && !isTusError(failure)) throw failure;
  const code = CODES[response.status] ?? 'INVALID_INPUT';
  const text = isTusError(failure) ? failure.body : await response.text();
  throw new AppError(code, text.trim());
}

function isTusError(error: unknown): error is { readonly body: string } {
  return typeof error === 'object' && error !== null && 'status_code' in error && 'body' in error;
}
