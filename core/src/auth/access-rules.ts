import { isLoopback } from '@demeter/common/loopback';

/** Paths under /api/v1 that are answered without a token; all others need one before routing. */
const OPEN_PATHS = new Set([
  '/api/v1/auth/sign-in',
  '/api/v1/edge/enrol',
  '/api/v1/edge/token',
  '/api/v1/health',
  '/api/v1/health/ready',
  '/api/v1/keys',
]);

/** The API's description is for those who are signed in, in every profile. */
export const DOCUMENT_PATH = '/docs/json';

/** Links, and grants to put a photo, carry their own signature. */
const OPEN_PREFIXES = ['/api/v1/files/', '/api/v1/edge/inbox/'];

/** True where a request may come without a token. */
export function isOpenPath(path: string): boolean {
  if (!path.startsWith('/api/')) return path !== DOCUMENT_PATH;
  return OPEN_PATHS.has(path) || OPEN_PREFIXES.some((prefix) => path.startsWith(prefix));
}

const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/**
 * In development a request without token is taken as the administrator's, but only from this
 * machine, not through a proxy, and not from another site's page (which a browser would send just
 * as well): its host must be loopback, and its origin this very host.
 */
export function isTrustedLocalRequest(
  headers: Headers,
  remoteAddress: string | undefined,
): boolean {
  if (remoteAddress === undefined || !isLoopback(remoteAddress)) return false;
  if (PROXY_HEADERS.some((name) => headers.has(name))) return false;
  const host = headers.get('host') ?? '';
  if (!LOOPBACK_HOST.test(host)) return false;
  const origin = headers.get('origin');
  if (origin !== null && origin !== `http://${host}`) return false;
  const site = headers.get('sec-fetch-site');
  return site === null || site === 'same-origin' || site === 'none';
}
