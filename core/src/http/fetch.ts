import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { type Logger, withLogContext } from '@demeter/common/logger';
import { withSpan } from '@demeter/common/telemetry';
import { isOpenPath } from '../auth/access-rules.ts';
import type { Principal } from '../auth/principal.ts';
import { errorOf, problemResponse } from './error-response.ts';
import type { Metrics } from './metrics.ts';
import { limitOf, type RateLimits } from './rate-limits.ts';
import { type RequestScope, setScope } from './request-scope.ts';
import { setSecurityHeaders } from './security-headers.ts';

export type Fetch = (request: Request, remoteAddress: string | undefined) => Promise<Response>;

export interface FetchOptions {
  readonly app: { fetch(request: Request): Response | Promise<Response> };
  readonly authenticate: (
    request: Request,
    remoteAddress: string | undefined,
  ) => Promise<Principal | null>;
  readonly rateLimits: RateLimits;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const CORRELATION_ID = /^[\w.:-]{1,128}$/;
/** Watched every few seconds by machines: a line each would drown the rest. */
const QUIET = new Set(['/health', '/health/live', '/health/ready', '/metrics']);

/**
 * What surrounds every request: correlation id, who asks, limits, log line, metrics, headers. It
 * answers before routing where a token is missing or wrong, so that no body is read for it.
 */
export function createFetch(options: FetchOptions): Fetch {
  return async (request, remoteAddress) => {
    const given = request.headers.get('x-correlation-id') ?? '';
    const correlationId = CORRELATION_ID.test(given) ? given : newId();
    const { pathname: path } = new URL(request.url);
    const scope: RequestScope = { correlationId, remoteAddress, principal: null, route: undefined };
    setScope(request, scope);
    const { method } = request;
    const started = performance.now();
    return await withLogContext({ correlation_id: correlationId, method, path }, async () => {
      const traceparent = request.headers.get('traceparent');
      const response = await withSpan(
        `${method} ${path.startsWith('/api/') ? 'api' : 'page'}`,
        { traceparent, attributes: { 'http.request.method': method, 'url.path': path } },
        () => answer(options, request, scope, path),
      );
      const seconds = (performance.now() - started) / 1000;
      finish(options, { response, scope, path, method, seconds });
      return response;
    });
  };
}

async function answer(
  options: FetchOptions,
  request: Request,
  scope: RequestScope,
  path: string,
): Promise<Response> {
  try {
    await admit(options, request, scope, path);
    return await options.app.fetch(request);
  } catch (error) {
    const shown = errorOf(error);
    if (shown.httpStatus >= 500) options.log.error({ err: error }, shown.message);
    return problemResponse(shown, scope.correlationId);
  }
}

/** Finds out who asks and whether they may ask now. */
async function admit(
  { authenticate, rateLimits }: FetchOptions,
  request: Request,
  scope: RequestScope,
  path: string,
): Promise<void> {
  if (isOpenPath(path)) {
    // A page, a link or a health check: no database is asked for it.
    if (path.startsWith('/api/')) await limit(rateLimits, scope, path);
    return;
  }
  try {
    scope.principal = await authenticate(request, scope.remoteAddress);
  } catch (error) {
    if (error instanceof AppError && error.httpStatus === 401) {
      await limit(rateLimits, scope, path);
    }
    throw error;
  }
  await limit(rateLimits, scope, path);
  if (!scope.principal) throw new AppError('UNAUTHENTICATED', 'This needs a token.');
}

async function limit(rateLimits: RateLimits, scope: RequestScope, path: string): Promise<void> {
  const { limit: name, key } = limitOf(scope.principal, path, scope.remoteAddress);
  await rateLimits(name, key);
}

interface Finished {
  readonly response: Response;
  readonly scope: RequestScope;
  readonly path: string;
  readonly method: string;
  readonly seconds: number;
}

function finish({ metrics, log }: FetchOptions, done: Finished): void {
  const { response, scope, path, method, seconds } = done;
  response.headers.set('x-correlation-id', scope.correlationId);
  setSecurityHeaders(response.headers);
  const handler = scope.route ?? 'none';
  metrics.requests.inc({ handler, method, status: String(response.status) });
  metrics.requestSeconds.observe({ handler, method }, seconds);
  if (QUIET.has(path) && response.ok) return;
  const fields = {
    status: response.status,
    duration_ms: Math.round(seconds * 1000),
    ...(scope.principal ? { user_id: scope.principal.actor } : {}),
  };
  log.info(fields, `${method} ${path} ${response.status}`);
}
