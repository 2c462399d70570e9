import { AppError } from '@demeter/common/errors';
import { isUuid } from '@demeter/common/ids';
import { decodeProtectedHeader, type JWTPayload } from 'jose';
import type { CoreContext } from '../context.ts';
import { isTrustedLocalRequest } from './access-rules.ts';
import { TOKEN_KINDS } from './key-ring.ts';
import type { OidcVerifier } from './oidc.ts';
import { isPermission, type Permission, ROLE_PERMISSIONS, roleOf } from './permissions.ts';
import type { EdgePrincipal, Principal, UserPrincipal } from './principal.ts';
import { ensureUser, findUser, localUser, type User } from './users.ts';
import { csrfTokenOf, findSession, isCsrfToken, sessionCookieOf } from './web-sessions.ts';

/** Longer than any token with all claims; keeps parsing cheap. */
const TOKEN_LENGTH_MAX = 8_192;
/** An edge's last sign of life is written no more often than this. */
const SEEN_EVERY_MS = 60_000;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export type AuthContext = Pick<
  CoreContext,
  'db' | 'keys' | 'secrets' | 'clock' | 'organisationId' | 'values'
>;

/**
 * Who sends this request, by bearer token, cookie session or (in development) from this machine;
 * null where nobody says. Throws UNAUTHENTICATED, EDGE_REVOKED, CSRF_REJECTED, ISSUER_UNAVAILABLE.
 */
export async function authenticate(
  context: AuthContext,
  oidc: OidcVerifier | null,
  request: Request,
  remoteAddress: string | undefined,
): Promise<Principal | null> {
  const authorization = request.headers.get('authorization');
  if (authorization !== null) return await byBearer(context, oidc, authorization);
  const session = sessionCookieOf(request.headers.get('cookie'));
  if (session !== undefined) {
    const principal = await byCookie(context, request, session);
    if (principal) return principal;
  }
  if (context.values.APP_ENV !== 'development') return null;
  if (!isTrustedLocalRequest(request.headers, remoteAddress)) return null;
  const admin = await ensureUser(context.db, context.organisationId, localUser('admin'));
  return admin ? userPrincipal(context, admin, ROLE_PERMISSIONS[admin.role]) : null;
}

async function byBearer(
  context: AuthContext,
  oidc: OidcVerifier | null,
  authorization: string,
): Promise<Principal> {
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i.exec(authorization)?.[1];
  if (!token || token.length > TOKEN_LENGTH_MAX) throw refused();
  const now = new Date(context.clock.now());
  switch (typOf(token)) {
    case TOKEN_KINDS.edge.typ:
      return await edgePrincipal(context, await verifyLocal(context, 'edge', token, now), now);
    case TOKEN_KINDS.access.typ:
      return await localPrincipal(context, await verifyLocal(context, 'access', token, now));
    default:
      if (!oidc) throw refused();
      return await oidcPrincipal(context, await oidc.verify(token, now));
  }
}

function typOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).typ;
  } catch (error) {
    throw refused(error);
  }
}

async function verifyLocal(
  context: AuthContext,
  kind: 'access' | 'edge',
  token: string,
  now: Date,
): Promise<JWTPayload> {
  let claims: JWTPayload;
  try {
    claims = await context.keys.verifyToken(kind, token, now);
  } catch (error) {
    throw refused(error);
  }
  if (claims.org !== context.organisationId) throw refused();
  return claims;
}

async function edgePrincipal(
  context: AuthContext,
  claims: JWTPayload,
  now: Date,
): Promise<EdgePrincipal> {
  const edgeId = idOf(claims, 'edge:');
  const edge = await context.db
    .selectFrom('edges')
    .leftJoin('edge_keys', (join) =>
      join
        .onRef('edge_keys.organisation_id', '=', 'edges.organisation_id')
        .onRef('edge_keys.edge_id', '=', 'edges.id')
        .on('edge_keys.ended_at', 'is', null),
    )
    .select(['id', 'code', 'credential_jti', 'revoked_at', 'last_seen_at', 'thumbprint'])
    .where('edges.organisation_id', '=', context.organisationId)
    .where('id', '=', edgeId)
    .executeTakeFirst();
  if (!edge) throw refused();
  // Read for each request: who is revoked is refused with the next one, and may know why.
  if (edge.revoked_at) throw new AppError('EDGE_REVOKED', 'This box was revoked.');
  // Only the credential made last counts, so that a stolen one ends by making another.
  const shown = thumbprintOf(claims);
  const isCurrent =
    shown === undefined ? edge.credential_jti === claims.jti : edge.thumbprint === shown;
  if (!isCurrent) throw refused();
  if (now.getTime() - (edge.last_seen_at?.getTime() ?? 0) > SEEN_EVERY_MS) {
    await context.db
      .updateTable('edges')
      .set({ last_seen_at: now })
      .where('organisation_id', '=', context.organisationId)
      .where('id', '=', edge.id)
      .execute();
  }
  return {
    kind: 'edge',
    organisationId: context.organisationId,
    edgeId: edge.id,
    edgeCode: edge.code,
    actor: `edge:${edge.id}`,
  };
}

async function localPrincipal(context: AuthContext, claims: JWTPayload): Promise<UserPrincipal> {
  const user = await findUser(context.db, context.organisationId, { id: idOf(claims, 'user:') });
  if (!user) throw refused();
  // A person who has lost a role since loses its rights at once.
  const held = ROLE_PERMISSIONS[user.role];
  const granted = permissionsOf(claims).filter((one) => held.includes(one));
  return userPrincipal(context, user, granted);
}

async function oidcPrincipal(context: AuthContext, claims: JWTPayload): Promise<UserPrincipal> {
  if (claims.org !== undefined && claims.org !== context.organisationId) throw refused();
  const subject = claims.sub ?? '';
  // "local:" is ours: an issuer must not be able to name our own people.
  if (subject === '' || subject.startsWith('local:')) throw refused();
  const email = typeof claims.email === 'string' ? claims.email : subject;
  const name = typeof claims.name === 'string' ? claims.name : email;
  const user = await ensureUser(context.db, context.organisationId, {
    subject,
    email,
    name,
    role: 'viewer',
  });
  if (!user) throw refused();
  const stated = claims.permissions !== undefined;
  return userPrincipal(context, user, stated ? permissionsOf(claims) : ROLE_PERMISSIONS[user.role]);
}

async function byCookie(
  context: AuthContext,
  request: Request,
  token: string,
): Promise<UserPrincipal | null> {
  const { db, organisationId, clock, secrets } = context;
  const user = await findSession(db, { organisationId, token }, new Date(clock.now()));
  if (!user) return null;
  const csrfToken = csrfTokenOf(secrets.csrf, token);
  if (
    !SAFE_METHODS.has(request.method) &&
    !isCsrfToken(csrfToken, request.headers.get('x-csrf-token'))
  ) {
    throw new AppError('CSRF_REJECTED', 'The X-CSRF-Token header is missing or wrong.');
  }
  return userPrincipal(context, user, ROLE_PERMISSIONS[user.role], csrfToken);
}

export function userPrincipal(
  { organisationId }: Pick<AuthContext, 'organisationId'>,
  user: User,
  permissions: readonly Permission[],
  csrfToken: string | null = null,
): UserPrincipal {
  const held = new Set(permissions);
  const role = roleOf(held);
  return {
    kind: 'user',
    organisationId,
    userId: user.id,
    email: user.email,
    name: user.name,
    roles: role ? [role] : [],
    permissions: held,
    actor: `user:${user.id}`,
    csrfToken,
  };
}

function permissionsOf(claims: JWTPayload): Permission[] {
  return Array.isArray(claims.permissions) ? claims.permissions.filter(isPermission) : [];
}

/** Of the key that a short-lived token of a box is bound to; undefined: the box was given it. */
function thumbprintOf({ cnf }: JWTPayload): string | undefined {
  if (cnf === undefined) return undefined;
  const jkt = typeof cnf === 'object' && cnf !== null && 'jkt' in cnf ? cnf.jkt : undefined;
  // A box without a key has no thumbprint, which no token may equal.
  if (typeof jkt !== 'string') throw refused();
  return jkt;
}

function idOf(claims: JWTPayload, prefix: string): string {
  const id = claims.sub?.startsWith(prefix) ? claims.sub.slice(prefix.length) : '';
  if (!isUuid(id)) throw refused();
  return id;
}

/** The same answer for every reason: which check failed is nobody's business. */
function refused(cause?: unknown): AppError {
  return new AppError('UNAUTHENTICATED', 'The token is not valid.', { cause });
}
