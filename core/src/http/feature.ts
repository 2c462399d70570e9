import { AppError } from '@demeter/common/errors';
import { Elysia } from 'elysia';
import type { Permission } from '../auth/permissions.ts';
import type { EdgePrincipal, UserPrincipal } from '../auth/principal.ts';
import { scopeOf } from './request-scope.ts';

/** Who may use a route; every route declares exactly one, and a test fails where one does not. */
export type Access = Permission | 'signed-in' | 'edge' | 'public';

export const ACCESS_KEY = 'x-permission';

const declared = (access: Access) => ({ [ACCESS_KEY]: access }) as Record<string, unknown>;

const accessPlugin = new Elysia({ name: 'access' })
  .macro({
    // `transform` comes before the body and query are checked: who may not ask is told nothing else.
    /** For people with this permission; gives the handler `principal`. */
    permission: (needed: Permission) => ({
      detail: declared(needed),
      transform: ({ request }) => checkPermission(userOf(request), needed),
      resolve: ({ request }) => ({ principal: userOf(request) }),
    }),
    /** For anybody who is signed in; gives `principal`. */
    signedIn: (_: true) => ({
      detail: declared('signed-in'),
      transform: ({ request }) => void userOf(request),
      resolve: ({ request }) => ({ principal: userOf(request) }),
    }),
    /** For edge boxes with their own credential; gives `edge`. */
    edgeOnly: (_: true) => ({
      detail: declared('edge'),
      transform: ({ request }) => void edgeOf(request),
      resolve: ({ request }) => ({ edge: edgeOf(request) }),
    }),
    /** For everybody, signed in or not: must stand in `isOpenPath` too. */
    open: (_: true) => ({ detail: { ...declared('public'), security: [] } }),
  })
  .as('scoped');

/**
 * A feature's routes under /api/v1, each with its access:
 *
 *   feature('Places').get('/warehouses', ({ principal }) => …, { permission: 'stock:read' })
 *
 * Bodies, queries and answers are checked against their schemas; a field that a schema does not
 * name is refused, so that nothing is assigned by accident.
 */
export function feature(tag: string) {
  return new Elysia({ prefix: '/api/v1', normalize: false, detail: { tags: [tag] } }).use(
    accessPlugin,
  );
}

/** Routes at the root (health, metrics, documents, the page). */
export function rootFeature(tag: string) {
  return new Elysia({ normalize: false, detail: { tags: [tag] } }).use(accessPlugin);
}

function userOf(request: Request): UserPrincipal {
  const { principal } = scopeOf(request);
  if (!principal) throw new AppError('UNAUTHENTICATED', 'This needs a token.');
  if (principal.kind === 'user') return principal;
  throw new AppError('PERMISSION_DENIED', 'An edge may only register and read its own photos.');
}

function edgeOf(request: Request): EdgePrincipal {
  const { principal } = scopeOf(request);
  if (!principal) throw new AppError('UNAUTHENTICATED', "This needs an edge's credential.");
  if (principal.kind === 'edge') return principal;
  throw new AppError('PERMISSION_DENIED', 'This is for edge boxes only.', {
    hint: 'Use the credential that `demeter edge add` printed.',
  });
}

function checkPermission({ permissions }: UserPrincipal, needed: Permission): void {
  if (permissions.has(needed)) return;
  throw new AppError('PERMISSION_DENIED', `This needs the permission ${needed}.`, {
    details: { permission: needed },
  });
}
