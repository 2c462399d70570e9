import { AppError } from '@demeter/common/errors';
import { isUuid } from '@demeter/common/ids';
import { PHOTO_FORM, readMultipart } from '@demeter/common/multipart';
import type { PlaceClaim } from './place-queries.ts';
import type { Upload, UploadClaims } from './take-photo.ts';

const FORM = { ...PHOTO_FORM, textFields: [...PHOTO_FORM.textFields, 'location_id'] };
const FILE_NAME_MAX = 200;
const CODE_MAX = 64;
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export type UploadRequest = Pick<Upload, 'chunks' | 'claims' | 'traceparent'>;

/**
 * The photo in a request, as a form's field or as the raw body; what is said of it, as fields or
 * in the query. Throws UNSUPPORTED_MEDIA_TYPE.
 */
export function readUpload(request: Request): UploadRequest {
  const type =
    (request.headers.get('content-type') ?? '').toLowerCase().split(';')[0]?.trim() ?? '';
  const body = request.body ?? new Blob([]).stream();
  const query = new URL(request.url).searchParams;
  const given = request.headers.get('traceparent');
  const traceparent = given && TRACEPARENT.test(given) ? given : null;
  if (type === 'multipart/form-data') {
    const { chunks, fields, fileName } = readMultipart(request, body, FORM);
    const get = (name: string) => fields.get(name) ?? query.get(name);
    return { chunks, traceparent, claims: () => toClaims(get, fileName()) };
  }
  const isRaw = type === '' || type === 'application/octet-stream' || type.startsWith('image/');
  if (!isRaw) {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the photo as image/* or as a form.', {
      hint: 'multipart/form-data with the file field `photo`, or the bytes themselves.',
    });
  }
  const name = request.headers.get('x-file-name') ?? query.get('file_name') ?? undefined;
  return {
    chunks: body,
    traceparent,
    claims: () => toClaims((field) => query.get(field), name),
  };
}

function toClaims(
  get: (name: string) => string | null,
  fileName: string | undefined,
): UploadClaims {
  return {
    fileName: cleanFileName(fileName),
    capturedAt: parseTime(get('captured_at')),
    place: parsePlace(get('location_id'), get('location_code')),
  };
}

function parsePlace(id: string | null, code: string | null): PlaceClaim | null {
  if (id) {
    if (!isUuid(id)) throw invalid('location_id', 'location_id is a UUID.');
    return { location_id: id };
  }
  const trimmed = code?.trim();
  if (!trimmed) return null;
  if (trimmed.length > CODE_MAX || trimmed.includes('\0')) {
    throw invalid('location_code', `A location code has ${CODE_MAX} characters at most.`);
  }
  return { location_code: trimmed };
}

function parseTime(text: string | null): string | null {
  const trimmed = text?.trim();
  if (!trimmed) return null;
  const time = new Date(trimmed);
  const zoned = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/i.test(trimmed);
  if (zoned && !Number.isNaN(time.getTime())) return time.toISOString();
  throw invalid('captured_at', 'A time is RFC 3339 with a zone, e.g. 2026-05-01T08:00:00Z.');
}

/** The last part of a path, without control characters; names are for people only. */
export function cleanFileName(name: string | null | undefined): string | null {
  const last = name?.split(/[/\\]/).pop() ?? '';
  const clean = last.replace(/\p{Cc}/gu, '').trim();
  return clean === '' ? null : clean.slice(0, FILE_NAME_MAX);
}

function invalid(field: string, message: string): AppError {
  return new AppError('INVALID_INPUT', message, { field });
}
