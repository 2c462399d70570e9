import { AppError } from '@demeter/common/errors';
import { isSha256Hex, newId } from '@demeter/common/ids';
import { isPlaceCode, PLACE_CODE_MAX } from '@demeter/common/place-code';
import { currentTraceparent } from '@demeter/common/telemetry';
import type { Arrival } from '../buffer/intake.ts';
import type { Camera } from '../cameras.ts';

/** What a request says about its photo, by header or by field of a form. */
export interface Claims {
  readonly fileName?: string | undefined;
  readonly capturedAt?: string | undefined;
  readonly locationCode?: string | undefined;
  readonly expectedSha256?: string | undefined;
}

const FILE_NAME_MAX = 200;
const WRITTEN_LENGTH = '2026-05-01T08:00:00.000Z'.length;

/** Throws INVALID_INPUT by field. */
export function toArrival(camera: Camera, claims: Claims, request: Request): Arrival {
  const parsed = parseClaims(claims);
  return {
    camera,
    ...parsed,
    capturedAtSource: parsed.capturedAt === null ? 'none' : 'device',
    correlationId: correlationIdOf(request),
    traceparent: currentTraceparent() ?? traceparentOf(request),
  };
}

/** Throws INVALID_INPUT by field. */
export function parseClaims(claims: Claims) {
  const locationCode = claims.locationCode?.trim() || null;
  if (locationCode !== null && !isPlaceCode(locationCode)) {
    const text = `A location code has ${PLACE_CODE_MAX} characters at most, and no control characters.`;
    throw new AppError('INVALID_INPUT', text, { field: 'location_code' });
  }
  return {
    fileName: cleanFileName(claims.fileName),
    capturedAt: parseTime(claims.capturedAt),
    locationCode,
    expectedSha256: parseExpected(claims.expectedSha256),
  };
}

/** The request's own id if it is one, else a new one. */
export function correlationIdOf(request: Request): string {
  const given = request.headers.get('x-correlation-id');
  if (given && /^[A-Za-z0-9._-]{8,128}$/.test(given)) return given;
  const known = made.get(request) ?? newId();
  made.set(request, known);
  return known;
}

/** Ids made for requests that brought none: the same one wherever it is asked for. */
const made = new WeakMap<Request, string>();

/** The trace that the request belongs to, if it names one. */
export function traceparentOf(request: Request): string | null {
  const given = request.headers.get('traceparent');
  return given && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(given) ? given : null;
}

/** The last part of a path, without control characters; names are for people only. */
function cleanFileName(name: string | undefined): string | null {
  const last = name?.split(/[/\\]/).pop() ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = last.replace(/[\u0000-\u001f\u007f]/g, '').trim();
  return clean === '' ? null : clean.slice(0, FILE_NAME_MAX);
}

function parseTime(text: string | undefined): string | null {
  if (text === undefined || text.trim() === '') return null;
  const time = new Date(text);
  // Without a zone the time would be read in the zone of this box, which nobody chose.
  const zoned = /(Z|[+-]\d\d:\d\d)$/i.test(text.trim());
  const written = zoned && !Number.isNaN(time.getTime()) ? time.toISOString() : null;
  // Of other years it has more digits and a sign, which RFC 3339 has not.
  if (written?.length === WRITTEN_LENGTH) return written;
  throw new AppError(
    'INVALID_INPUT',
    'A time is RFC 3339 with a zone, e.g. 2026-05-01T08:00:00Z.',
    {
      field: 'captured_at',
    },
  );
}

function parseExpected(text: string | undefined): string | null {
  const value = text?.trim().toLowerCase() ?? '';
  if (value === '') return null;
  if (isSha256Hex(value)) return value;
  throw new AppError('INVALID_INPUT', 'Expect-SHA-256 is 64 hex digits.', {
    field: 'Expect-SHA-256',
  });
}
