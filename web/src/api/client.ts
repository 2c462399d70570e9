import createClient from 'openapi-fetch';
import { ApiProblem, toProblem } from './problem.ts';
import type { paths } from './schema.gen.ts';

const DEADLINE_MS = 30_000;

const session: { csrfToken: string | undefined; onSignedOut: () => void } = {
  csrfToken: undefined,
  onSignedOut: () => {},
};

/** The core's REST API, typed by its own OpenAPI document. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: fetchWithDeadline });

api.use({
  onRequest({ request }) {
    if (session.csrfToken && request.method !== 'GET') {
      request.headers.set('X-CSRF-Token', session.csrfToken);
    }
  },
});

/** A cookie is not enough to change anything: the token that came with it must be sent too. */
export function setCsrfToken(token: string | undefined): void {
  session.csrfToken = token;
}

export function csrfHeaders(): Record<string, string> {
  return session.csrfToken ? { 'X-CSRF-Token': session.csrfToken } : {};
}

/** Called whenever the core answers 401. */
export function onSignedOut(listener: () => void): void {
  session.onSignedOut = listener;
}

interface Result<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The body of a good answer. Throws ApiProblem, also where the core cannot be reached. */
export async function answer<T>(call: Promise<Result<T>>): Promise<T> {
  let result: Result<T>;
  try {
    result = await call;
  } catch (cause) {
    throw ApiProblem.unreachable(cause);
  }
  if (result.response.ok) return result.data as T;
  if (result.response.status === 401) session.onSignedOut();
  throw toProblem(result.error, result.response.status);
}

function fetchWithDeadline(request: Request): Promise<Response> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(DEADLINE_MS)]);
  return fetch(request, { signal });
}
