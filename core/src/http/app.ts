import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { type AnyElysia, Elysia, ValidationError } from 'elysia';
import { errorOf, problemResponse } from './error-response.ts';
import { invalidInput } from './invalid-input.ts';
import { scopeOf } from './request-scope.ts';

/** Bodies other than photos; those are streamed by their own routes. */
const JSON_BYTES_MAX = 1024 * 1024;
/** Routes that read files from the body as it arrives. */
const STREAMED = new Set([
  '/api/v1/photos',
  '/api/v1/photos/upload',
  '/api/v1/edge/inbox/:edge_id/:sha256',
  '/api/v1/models/:name/:version/file',
  '/api/v1/edge-models/:name/:version/files/:file',
]);

/** All routes under one error handler. */
export function createApp(features: readonly AnyElysia[], log: Logger) {
  const app = new Elysia({ normalize: false })
    .onTransform({ as: 'global' }, ({ request, route }) => {
      scopeOf(request).route = route;
    })
    .onParse({ as: 'global' }, ({ request, contentType, route }) =>
      // Null is a parsed body to Elysia, so it touches nothing more.
      STREAMED.has(route) ? null : readJson(request, contentType),
    )
    .onError({ as: 'global' }, ({ error, code, request }) => {
      const scope = scopeOf(request);
      const shown = toShown(error, code, request.url);
      if (shown.httpStatus >= 500) log.error({ err: error, code: shown.code }, shown.message);
      return problemResponse(shown, scope.correlationId);
    });
  for (const feature of features) app.use(feature);
  return app;
}

/** Elysia's own errors as ours. */
function toShown(error: unknown, code: string | number, url: string): AppError {
  // First: Elysia takes an error's own `code` for one of its codes.
  if (error instanceof AppError) return error;
  if (error instanceof ValidationError) {
    return error.type === 'response' ? errorOf(error) : invalidInput(error, url);
  }
  switch (code) {
    case 'NOT_FOUND':
      return new AppError('NOT_FOUND', 'There is nothing at this address.');
    case 'PARSE':
      return error instanceof Error && error.cause instanceof AppError
        ? error.cause
        : new AppError('INVALID_INPUT', 'The body is no valid JSON.', { field: 'body' });
    default:
      return errorOf(error);
  }
}

/** Reads a JSON body of bounded size, whatever its Content-Length says. */
async function readJson(request: Request, contentType: string): Promise<unknown> {
  if (request.body === null) return undefined;
  if (contentType !== 'application/json') {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send application/json.');
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > JSON_BYTES_MAX) {
      throw new AppError('INVALID_INPUT', 'The body is larger than 1 MiB.', { field: 'body' });
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new AppError('INVALID_INPUT', 'The body is no valid JSON.', {
      field: 'body',
      cause: error,
    });
  }
}
