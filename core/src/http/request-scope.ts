import type { Principal } from '../auth/principal.ts';

/** What is known of one request outside its handler. */
export interface RequestScope {
  readonly correlationId: string;
  /** Address of the peer; undefined where the request came from inside the process. */
  readonly remoteAddress: string | undefined;
  /** Who asks; null where nobody said, on routes open to all. */
  principal: Principal | null;
  /** The route's pattern once it is known: a label of few values for metrics. */
  route: string | undefined;
}

const scopes = new WeakMap<Request, RequestScope>();

export function setScope(request: Request, scope: RequestScope): void {
  scopes.set(request, scope);
}

/** Throws if the request did not come in through `createFetch`. */
export function scopeOf(request: Request): RequestScope {
  const scope = scopes.get(request);
  if (!scope) throw new Error('a request without scope');
  return scope;
}
