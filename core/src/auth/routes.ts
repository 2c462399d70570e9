import { t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { nullable, shape } from '../http/schemas.ts';
import { userPrincipal } from './authenticate.ts';
import { ROLE_PERMISSIONS } from './permissions.ts';
import type { UserPrincipal } from './principal.ts';
import {
  csrfTokenOf,
  endSession,
  redeemSignInLink,
  SESSION_HOURS,
  sessionCookie,
  sessionCookieOf,
} from './web-sessions.ts';

const Me = shape('Me', {
  user_id: t.String(),
  email: t.String(),
  name: t.String(),
  roles: t.Array(t.String()),
  permissions: t.Array(t.String()),
  organisation_id: t.String(),
  csrf_token: nullable(t.String()),
});

const Keys = t.Object({
  keys: t.Array(t.Record(t.String(), t.Unknown())),
  signed: t.Object({
    payload: t.String(),
    signatures: t.Array(t.Object({ protected: t.String(), signature: t.String() })),
  }),
});

function toMe(principal: UserPrincipal) {
  return {
    user_id: principal.userId,
    email: principal.email,
    name: principal.name,
    roles: [...principal.roles],
    permissions: [...principal.permissions],
    organisation_id: principal.organisationId,
    csrf_token: principal.csrfToken,
  };
}

/** Who am I, signing in and out, and the keys that anybody may check our signatures with. */
export function authRoutes(context: CoreContext) {
  const { db, clock, secrets, keys, publicUrl, organisationId } = context;
  const isSecure = () => publicUrl().startsWith('https:');
  return feature('Sign-in')
    .get('/auth/me', ({ principal }) => toMe(principal), {
      signedIn: true,
      response: { 200: Me },
      detail: { summary: 'Who is asking, and what they may do' },
    })
    .post(
      '/auth/sign-in',
      async ({ body, set }) => {
        const now = new Date(clock.now());
        const { user, sessionToken } = await redeemSignInLink(
          db,
          { organisationId, token: body.token },
          now,
        );
        set.headers['set-cookie'] = sessionCookie(sessionToken, SESSION_HOURS * 3600, isSecure());
        set.headers['cache-control'] = 'no-store';
        const csrf = csrfTokenOf(secrets.csrf, sessionToken);
        return toMe(userPrincipal(context, user, ROLE_PERMISSIONS[user.role], csrf));
      },
      {
        open: true,
        body: t.Object({ token: t.String({ minLength: 16, maxLength: 200 }) }),
        response: { 200: Me },
        detail: { summary: 'Sign in by a one-time link; sets the cookie' },
      },
    )
    .post(
      '/auth/sign-out',
      async ({ request, set }) => {
        const token = sessionCookieOf(request.headers.get('cookie'));
        if (token !== undefined) await endSession(db, { organisationId, token });
        set.headers['set-cookie'] = sessionCookie('', 0, isSecure());
        return { signed_out: true };
      },
      {
        signedIn: true,
        response: { 200: t.Object({ signed_out: t.Boolean() }) },
        detail: { summary: 'End the cookie session' },
      },
    )
    .get('/keys', async () => (await keys.publishedKeys()) as typeof Keys.static, {
      open: true,
      response: { 200: Keys },
      detail: {
        summary: 'Public keys of receipts and tokens (JWKS)',
        description: '`signed` holds the same, signed with each of them (docs/protocols.md).',
      },
    });
}
