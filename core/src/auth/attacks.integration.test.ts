import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import { newId } from '@demeter/common/ids';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportSPKI,
  generalVerify,
  generateKeyPair,
  importJWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { sql } from 'kysely';
import { createTestCore, type TestCore } from '../_test-core.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { AUDIENCE, createTestIssuer, type TestIssuer } from './_test-issuer.ts';
import { seal } from './seal.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe.skipIf(!database)('tokens (PostgreSQL)', () => {
  let issuer: TestIssuer;
  let core: TestCore;
  beforeAll(async () => {
    issuer = await createTestIssuer();
    const env = { OIDC_ISSUER: issuer.url, OIDC_AUDIENCE: AUDIENCE };
    core = await createTestCore(database!.db, { env });
  });
  afterAll(() => issuer.stop());

  const statusOf = async (token: string, path = '/api/v1/warehouses') =>
    (await core.call({ token }, 'GET', path)).status;
  const now = () => Math.floor(Date.now() / 1000);

  describe('of an issuer', () => {
    test('a good one is let in with its permissions, and no further', async () => {
      const token = await issuer.sign();
      expect(await statusOf(token)).toBe(200);
      const answer = await core.call({ token }, 'GET', '/api/v1/edges');
      expect(answer).toMatchObject({ status: 403, body: { code: 'PERMISSION_DENIED' } });
      const me = await core.call({ token }, 'GET', '/api/v1/auth/me');
      expect(me.body).toMatchObject({ permissions: ['stock:read'], roles: [] });
    });

    test('permissions that nobody knows give nothing', async () => {
      const permissions = ['stock:read', 'root', '*', '__proto__', 7];
      const token = await issuer.sign({ permissions });
      const me = await core.call({ token }, 'GET', '/api/v1/auth/me');
      expect(me.body.permissions).toEqual(['stock:read']);
    });

    const forged: [string, JWTPayload][] = [
      ['another audience', { aud: 'https://other.test' }],
      ['our own audience', { aud: 'demeter' }],
      ['no audience', { aud: undefined as never }],
      ['another issuer', { iss: 'https://evil.test/' }],
      ['our own issuer', { iss: 'demeter' }],
      ['expired', { exp: Math.floor(Date.now() / 1000) - 1 }],
      ['no expiry', { exp: undefined as never }],
      ['not valid yet', { nbf: Math.floor(Date.now() / 1000) + 600 }],
      ['no subject', { sub: undefined as never }],
      ["a local person's subject", { sub: 'local:admin@demeter.local' }],
      ['another organisation', { org: newId() }],
    ];
    test.each(forged)('%s → 401', async (_, claims) => {
      expect(await statusOf(await issuer.sign(claims))).toBe(401);
    });

    test('alg none → 401, however it is spelled', async () => {
      const claims = base64({ iss: issuer.url, aud: AUDIENCE, sub: 'x', exp: now() + 600 });
      for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
        const head = base64({ alg, typ: 'JWT', kid: 'key-1' });
        expect(await statusOf(`${head}.${claims}.`)).toBe(401);
        expect(await statusOf(`${head}.${claims}.AAAA`)).toBe(401);
      }
    });

    test('the public key used as a shared secret (RS256 → HS256) → 401', async () => {
      const key = await importJWK(issuer.publicJwk, 'RS256', { extractable: true });
      const secrets = [
        await exportSPKI(key as CryptoKey),
        JSON.stringify(issuer.publicJwk),
        issuer.publicJwk.n ?? '',
      ];
      for (const secret of secrets) {
        const head = base64({ alg: 'HS256', typ: 'JWT', kid: 'key-1' });
        const body = base64({ iss: issuer.url, aud: AUDIENCE, sub: 'x', exp: now() + 600 });
        const mac = createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url');
        expect(await statusOf(`${head}.${body}.${mac}`)).toBe(401);
      }
    });

    test('a key id that points elsewhere, or a key brought along → 401', async () => {
      const own = await generateKeyPair('RS256', { extractable: true });
      const jwk = { kty: 'RSA', n: 'AQAB', e: 'AQAB' };
      const headers: Record<string, unknown>[] = [
        { kid: '../../../../dev/null' },
        { kid: "' or 1=1 --" },
        { kid: 'http://evil.test/jwks' },
        { kid: 'key-1', jku: 'http://evil.test/jwks' },
        { kid: 'key-1', jwk },
        { kid: 'key-1', x5u: 'http://evil.test/x' },
      ];
      for (const header of headers) {
        expect(await statusOf(await issuer.sign({}, header, own.privateKey))).toBe(401);
      }
      // Of our issuer's real key too: an unknown id is no reason to try others.
      expect(await statusOf(await issuer.sign({}, { kid: 'other' }))).toBe(401);
    });

    test('another algorithm than the configured one → 401', async () => {
      const token = await new SignJWT({ permissions: ['stock:read'] })
        .setProtectedHeader({ alg: 'PS256', kid: 'key-1', typ: 'JWT' })
        .setIssuer(issuer.url)
        .setAudience(AUDIENCE)
        .setSubject('x')
        .setExpirationTime('5m')
        .sign((await generateKeyPair('PS256')).privateKey);
      expect(await statusOf(token)).toBe(401);
    });

    test('what is no token at all → 401 problem+json that says nothing', async () => {
      for (const token of ['', 'x', 'a.b', 'a.b.c', `${'a'.repeat(9_000)}.b.c`, '..', 'é.é.é']) {
        const answer = await core.call({ token: encodeURIComponent(token) }, 'GET', '/api/v1/map');
        expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(answer.headers.get('www-authenticate')).toContain('Bearer');
        expect(JSON.stringify(answer.body)).not.toMatch(/jose|JWS|stack/);
      }
    });
  });

  describe('of our own', () => {
    const claims = (user: string) => ({
      subject: `user:${user}`,
      organisationId: core.organisationId,
      jti: newId(),
      issuedAt: now(),
      expiresAt: now() + 600,
    });
    const adminId = async () =>
      (await core.call('admin', 'GET', '/api/v1/auth/me')).body.user_id as string;

    test('an edge’s credential opens nothing of people, and theirs nothing of edges', async () => {
      const made = await core.call('admin', 'POST', '/api/v1/edges', { code: 'E1', name: 'E1' });
      const { body } = await core.call('admin', 'POST', `/api/v1/edges/${made.body.id}/credential`);
      const sha = 'a'.repeat(64);
      expect(made.body.last_seen_at).toBeNull();
      expect(await statusOf(body.token, `/api/v1/edge/photos/${sha}`)).toBe(404);
      const seen = await core.call('admin', 'GET', `/api/v1/edges/${made.body.id}`);
      expect(Date.now() - Date.parse(seen.body.last_seen_at)).toBeLessThan(60_000);
      for (const path of [
        '/api/v1/warehouses',
        '/api/v1/auth/me',
        '/api/v1/edges',
        '/api/v1/photos',
      ]) {
        expect(await statusOf(body.token, path)).toBe(403);
      }
      const admin = await core.token('admin');
      expect(await statusOf(admin, `/api/v1/edge/photos/${sha}`)).toBe(403);
    });

    test('an edge’s credential ends at once when another is made, or the edge is revoked', async () => {
      const made = await core.call('admin', 'POST', '/api/v1/edges', { code: 'E2', name: 'E2' });
      const path = `/api/v1/edges/${made.body.id}`;
      const ask = `/api/v1/edge/photos/${'b'.repeat(64)}`;
      const first = (await core.call('admin', 'POST', `${path}/credential`)).body.token;
      const second = (await core.call('admin', 'POST', `${path}/credential`)).body.token;
      expect(await statusOf(first, ask)).toBe(401);
      expect(await statusOf(second, ask)).toBe(404);
      expect((await core.call('admin', 'DELETE', path)).status).toBe(200);
      expect(await statusOf(second, ask)).toBe(401);
      expect((await core.call('admin', 'POST', `${path}/credential`)).status).toBe(409);
    });

    test('kinds do not mix: the header’s typ, audience and issuer must all fit', async () => {
      const user = await adminId();
      const { keys } = core.context;
      const edgeShaped = await keys.signToken('edge', claims(user));
      expect(await statusOf(edgeShaped)).toBe(401);
      const [header, body, signature] = (await keys.signToken('access', claims(user))).split('.');
      expect(header && body && signature).toBeTruthy();
      const retyped = base64({ ...JSON.parse(atob(header!)), typ: 'edge+jwt' });
      expect(await statusOf(`${retyped}.${body}.${signature}`)).toBe(401);
      // A receipt is signed by the same key, and opens nothing.
      expect(await statusOf(await keys.signReceipt({ sub: `user:${user}` }))).toBe(401);
    });

    test('another key under the same id → 401', async () => {
      const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
      const kid = core.context.keys.publicKeys().keys[0]?.kid ?? '';
      const token = await new SignJWT({ org: core.organisationId, permissions: ['users:manage'] })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'access+jwt', kid })
        .setIssuer('demeter')
        .setAudience('demeter')
        .setSubject(`user:${await adminId()}`)
        .setJti(newId())
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey);
      expect(await statusOf(token)).toBe(401);
    });

    test('a role that was taken away takes its permissions along, a disabled person all', async () => {
      const token = await core.token('worker');
      expect((await core.call({ token }, 'POST', '/api/v1/stock/batches', {})).status).toBe(400);
      const users = () =>
        database!.db
          .updateTable('users')
          .where('organisation_id', '=', core.organisationId)
          .where('subject', '=', 'local:worker@demeter.local');
      await users().set({ role: 'viewer' }).execute();
      expect((await core.call({ token }, 'POST', '/api/v1/stock/batches', {})).status).toBe(403);
      await users().set({ disabled_at: new Date() }).execute();
      expect(await statusOf(token)).toBe(401);
    });

    test('an organisation’s token is no token of another one', async () => {
      const other = await createTestCore(database!.db);
      expect(await statusOf(await other.token('admin'))).toBe(401);
    });

    test('a retired key signs nobody in any more', async () => {
      const other = await createTestCore(database!.db);
      const token = await other.token('admin');
      await database!.db
        .updateTable('signing_keys')
        .set({ retired_at: new Date() })
        .where('organisation_id', '=', other.organisationId)
        .execute();
      const again = await createTestCore(database!.db, { organisationId: other.organisationId });
      expect((await again.call({ token }, 'GET', '/api/v1/auth/me')).status).toBe(401);
      expect(again.context.keys.publicKeys().keys).toHaveLength(2);
    });
  });

  test('the keys are signed by each of them, so that who knows one finds the way to all', async () => {
    const rotated = async (organisationId?: string) => {
      if (organisationId) {
        await database!.db
          .updateTable('signing_keys')
          .set({ retired_at: sql`now() + interval '1 second'` })
          .where('organisation_id', '=', organisationId)
          .where('retired_at', 'is', null)
          .execute();
      }
      return await createTestCore(database!.db, organisationId ? { organisationId } : {});
    };
    const published = async (of: TestCore) => (await of.call(null, 'GET', '/api/v1/keys')).body;
    const first = await rotated();
    const { organisationId } = first;
    const before = await published(first);
    const latest = await published(await rotated((await rotated(organisationId)).organisationId));
    expect(latest.keys).toHaveLength(3);
    expect(latest.keys.filter((key: object) => 'retired' in key)).toHaveLength(2);
    // Each core that has read them says the same.
    const again = await createTestCore(database!.db, { organisationId });
    expect((await published(again)).signed.payload).toBe(latest.signed.payload);
    const read = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString());
    const payload = read(latest.signed.payload);
    expect(payload).toEqual({
      organisation_id: organisationId,
      changed_at: expect.any(String),
      keys: latest.keys,
    });
    expect(payload.changed_at > read(before.signed.payload).changed_at).toBe(true);
    expect(latest.keys).toContainEqual({ ...before.keys[0], retired: true });
    for (const key of latest.keys) {
      expect(key.kid).toBe(await calculateJwkThumbprint(key));
      const { protectedHeader } = await generalVerify(
        latest.signed,
        createLocalJWKSet({ keys: [key] }),
      );
      expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'key-set+jws', kid: key.kid });
    }
  });

  test('without a token → 401, on every route that is not open', async () => {
    for (const path of ['/api/v1/photos', '/api/v1/nothing', '/docs/json', '/api/v1/events']) {
      const answer = await core.call(null, 'GET', path);
      expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    }
    expect((await core.call(null, 'GET', '/api/v1/keys')).status).toBe(200);
  });

  test('an issuer that is away → 503, not 401; what needs no issuer goes on', async () => {
    const away = await createTestIssuer();
    const other = await createTestCore(database!.db, {
      env: { OIDC_ISSUER: away.url, OIDC_AUDIENCE: AUDIENCE },
    });
    const token = await away.sign();
    away.fail();
    const answer = await other.call({ token }, 'GET', '/api/v1/map');
    expect(answer).toMatchObject({ status: 503, body: { code: 'ISSUER_UNAVAILABLE' } });
    expect(answer.headers.get('retry-after')).toBe('5');
    expect((await other.call('viewer', 'GET', '/api/v1/map')).status).toBe(200);
    await away.stop();
  });
});

test('a sealed key opens with its own secret and label only', async () => {
  const { open } = await import('./seal.ts');
  const key = new Uint8Array(32).fill(1);
  const sealed = seal(key, 'secret', 'kid-1');
  expect(open(key, sealed, 'kid-1')).toBe('secret');
  expect(() => open(key, sealed, 'kid-2')).toThrow();
  expect(() => open(new Uint8Array(32).fill(2), sealed, 'kid-1')).toThrow();
  sealed[sealed.length - 1]! ^= 1;
  expect(() => open(key, sealed, 'kid-1')).toThrow();
});
