import { beforeAll, describe, expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import { newId } from '@demeter/common/ids';
import type { Logger } from '@demeter/common/logger';
import { exportSPKI, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { createTestCore, type TestCore } from '../_test-core.ts';
import type { Counting } from '../counting.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { ACCESS_KEY } from '../http/feature.ts';
import { limitOf } from '../http/rate-limits.ts';
import { createFeatures } from '../service.ts';
import { createTestBox, enrolledBox, heartbeat, type TestBox } from './_test-box.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
const SHA = 'a'.repeat(64);
const now = () => Math.floor(Date.now() / 1000);
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signed with a shared secret, as a server would believe that does not look at the algorithm. */
function hs256(header: object, claims: object, secret: string | Buffer): string {
  const signed = `${base64({ ...header, alg: 'HS256' })}.${base64(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** Hears everything that is logged, before anything is left out of it. */
function listeningLog(hear: (line: string) => void): Logger {
  const write = (...args: unknown[]) => hear(Bun.inspect(args, { depth: 20 }));
  return {
    trace: write,
    debug: write,
    info: write,
    warn: write,
    error: write,
  } as unknown as Logger;
}

describe.skipIf(!database)('attacks on what boxes show (needs DEMETER_TEST_DATABASE_URL)', () => {
  let core: TestCore;
  let a: { id: string; box: TestBox };
  let b: { id: string; box: TestBox };
  let keyless: string;
  /** Every route for boxes, whoever wrote it, with something for its parameters. */
  let routes: { method: string; path: string; pattern: string }[];
  const said: string[] = [];

  beforeAll(async () => {
    // Without limits, which have a test of their own below.
    core = await createTestCore(database!.db, {
      env: { APP_ENV: 'development' },
      log: listeningLog((line) => void said.push(line)),
    });
    a = await enrolledBox(core, 'A');
    b = await enrolledBox(core, 'B');
    const made = await core.call('admin', 'POST', '/api/v1/edges', { code: 'none', name: 'none' });
    keyless = made.body.id;
    routes = createFeatures({ ...core.context }, {} as Counting)
      .flatMap((feature) => feature.routes)
      .filter(({ hooks }) => (hooks?.detail as Record<string, unknown>)?.[ACCESS_KEY] === 'edge')
      .map(({ method, path }) => ({
        method,
        pattern: path,
        path: path
          .replaceAll(':sha256', SHA)
          .replaceAll(':day', '2026-05-01')
          .replaceAll(/:\w+/g, newId),
      }));
  });

  const claims = (more: object = {}) => ({
    iss: 'demeter',
    aud: 'demeter-edge',
    sub: `edge:${a.id}`,
    org: core.organisationId,
    cnf: { jkt: a.box.thumbprint },
    jti: newId(),
    iat: now(),
    exp: now() + 600,
    ...more,
  });
  const header = (more: object = {}) => ({
    typ: 'edge+jwt',
    kid: core.context.keys.publicKeys().keys[0]?.kid ?? '',
    ...more,
  });
  const corePublic = () => core.context.keys.publicKeys().keys[0] as JWK;
  const ofCore = async (changes: object, kind: 'edge' | 'access' = 'edge') =>
    await core.context.keys.signToken(kind, {
      subject: `edge:${a.id}`,
      organisationId: core.organisationId,
      jti: newId(),
      issuedAt: now(),
      expiresAt: now() + 600,
      more: { cnf: { jkt: a.box.thumbprint } },
      ...changes,
    });
  const byStranger = async (more: object = {}, changes: object = {}) =>
    await new SignJWT(claims(changes))
      .setProtectedHeader({ alg: 'EdDSA', ...header(more) })
      .sign((await generateKeyPair('EdDSA', { crv: 'Ed25519' })).privateKey);
  const spki = async () => {
    const key = await importJWK(corePublic(), 'EdDSA', { extractable: true });
    return await exportSPKI(key as CryptoKey);
  };
  const retired = async () => {
    const other = await createTestCore(database!.db);
    const { keys } = other.context;
    await database!.db
      .updateTable('signing_keys')
      .set({ organisation_id: core.organisationId, retired_at: new Date() })
      .where('organisation_id', '=', other.organisationId)
      .execute();
    return await keys.signToken('edge', {
      subject: `edge:${a.id}`,
      organisationId: core.organisationId,
      jti: newId(),
      issuedAt: now(),
      expiresAt: now() + 600,
      more: { cnf: { jkt: a.box.thumbprint } },
    });
  };

  const TOKENS: Record<string, () => string | Promise<string>> = {
    'none as algorithm': () => `${base64({ ...header(), alg: 'none' })}.${base64(claims())}.`,
    'none, with a signature’s place filled': () =>
      `${base64({ ...header(), alg: 'none' })}.${base64(claims())}.AAAA`,
    'HS256 with the public key’s bytes': () =>
      hs256(header(), claims(), Buffer.from(corePublic().x ?? '', 'base64url')),
    'HS256 with the public key’s PEM': async () => hs256(header(), claims(), await spki()),
    'another key under our kid': () => byStranger(),
    'a kid that nobody has': () => byStranger({ kid: 'nobody' }),
    'a kid that is a path': () => byStranger({ kid: '../../../../dev/null' }),
    'a kid that is SQL': () => byStranger({ kid: "' or '1'='1" }),
    'a key brought along': async () =>
      byStranger({ jwk: corePublic(), jku: 'http://evil.test/keys' }),
    'a retired key': retired,
    'an access token’s typ': () => ofCore({}, 'access'),
    'a receipt': () => core.context.keys.signReceipt(claims()),
    'the box’s own assertion': () => a.box.assertion(),
    'no box of ours': () => ofCore({ subject: `edge:${newId()}` }),
    'a person’s id as a box': () => ofCore({ subject: `user:${a.id}` }),
    'another box’s key': () => ofCore({ more: { cnf: { jkt: b.box.thumbprint } } }),
    'no key, and a jti that was never given': () => ofCore({ more: {} }),
    'a key of the wrong shape': () => ofCore({ more: { cnf: 'x' } }),
    'no key where the box has none': () =>
      ofCore({ subject: `edge:${keyless}`, more: { cnf: { jkt: null } } }),
    'another organisation': () => ofCore({ organisationId: newId() }),
    'one that has ended': () => ofCore({ issuedAt: now() - 700, expiresAt: now() - 1 }),
  };

  test.each(Object.keys(TOKENS))('%s → 401 on every route for boxes', async (name) => {
    const token = (await TOKENS[name]?.()) ?? '';
    expect(routes.length).toBeGreaterThanOrEqual(4);
    for (const { method, path, pattern } of routes) {
      const body = method === 'GET' ? undefined : {};
      const { status, body: answer } = await core.call({ token }, method, path, body);
      expect({ pattern, status, code: answer.code }).toEqual({
        pattern,
        status: 401,
        code: 'UNAUTHENTICATED',
      });
    }
  });

  test('a good token opens every route for boxes, and none of people; a person’s none of boxes', async () => {
    const token = await a.box.token();
    const admin = await core.token('admin');
    for (const { method, path } of routes) {
      const body = method === 'GET' ? undefined : {};
      expect([401, 403]).not.toContain((await core.call({ token }, method, path, body)).status);
      expect((await core.call({ token: admin }, method, path, body)).status).toBe(403);
    }
    for (const path of [
      '/api/v1/edges',
      '/api/v1/photos',
      '/api/v1/events',
      `/api/v1/edges/${a.id}`,
    ]) {
      expect((await core.call({ token }, 'GET', path)).status).toBe(403);
    }
    const itself = await core.call({ token }, 'POST', `/api/v1/edges/${a.id}/code`, {});
    expect(itself.status).toBe(403);
  });

  const ASSERTIONS: Record<string, () => string | Promise<string>> = {
    'none as algorithm': async () => {
      const [, body] = (await a.box.assertion()).split('.');
      return `${base64({ alg: 'none', typ: 'edge-assertion+jwt', kid: a.box.thumbprint })}.${body}.`;
    },
    'HS256 with the box’s public key': async () => {
      const [, body = ''] = (await a.box.assertion()).split('.');
      const given = JSON.parse(Buffer.from(body, 'base64url').toString());
      const secret = Buffer.from(a.box.publicKey.x, 'base64url');
      return hs256({ typ: 'edge-assertion+jwt', kid: a.box.thumbprint }, given, secret);
    },
    'another typ': () => a.box.assertion({}, { typ: 'edge+jwt' }),
    'no typ': () => a.box.assertion({}, { typ: undefined }),
    'another audience': () => a.box.assertion({ aud: 'demeter-edge' }),
    'another issuer': () => a.box.assertion({ iss: 'demeter' }),
    'another box’s id': () => a.box.assertion({ sub: `edge:${b.id}`, iss: `edge:${b.id}` }),
    'another box’s id and kid': () =>
      a.box.assertion({ sub: `edge:${b.id}`, iss: `edge:${b.id}` }, { kid: b.box.thumbprint }),
    'another box’s kid': () => a.box.assertion({}, { kid: b.box.thumbprint }),
    'a kid that is SQL': () => a.box.assertion({}, { kid: "' or '1'='1" }),
    'no kid': () => a.box.assertion({}, { kid: undefined }),
    'a key brought along': async () => {
      const stranger = await createTestBox(core, a.id);
      return await stranger.assertion({}, { jwk: stranger.publicKey });
    },
    'a key never enrolled': async () => (await createTestBox(core, a.id)).assertion(),
    'another organisation': () => a.box.assertion({ org: newId() }),
    'no organisation': () => a.box.assertion({ org: undefined }),
    'good for an hour': () => a.box.assertion({ exp: now() + 3_600 }),
    'good for ever': () => a.box.assertion({ exp: undefined }),
    'made at no time': () => a.box.assertion({ iat: undefined }),
    'without an id': () => a.box.assertion({ jti: undefined }),
    'an id that can be guessed': () => a.box.assertion({ jti: '1' }),
    'a token of ours': () => ofCore({}),
    'no token at all': () => 'x',
  };

  test.each(Object.keys(ASSERTIONS))('an assertion with %s → 401', async (name) => {
    const answer = await a.box.exchange((await ASSERTIONS[name]?.()) ?? '');
    expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    expect(JSON.stringify(answer.body)).not.toMatch(/jose|JWS|stack|thumbprint/);
  });

  test('an assertion is taken once, also by two cores at the same time, and never again', async () => {
    const assertion = await a.box.assertion();
    const other = await createTestCore(database!.db, {
      organisationId: core.organisationId,
      env: { APP_ENV: 'development' },
    });
    const body = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        (at % 2 ? core : other).call(null, 'POST', '/api/v1/edge/token', body),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(9);
    expect((await a.box.exchange(assertion)).status).toBe(401);
  });

  test('a box can name no other: no route for boxes takes an id of one, and a body’s is left', async () => {
    for (const { pattern } of routes) expect(pattern).not.toMatch(/:(edge|id)/);
    const token = await a.box.token();
    const sent = heartbeat(Date.now(), {
      version: 'of-a',
      edge_id: b.id,
      organisation_id: newId(),
    });
    expect((await core.call({ token }, 'POST', '/api/v1/edge/heartbeat', sent)).status).toBe(200);
    const shown = async (id: string) =>
      (await core.call('admin', 'GET', `/api/v1/edges/${id}`)).body;
    expect((await shown(a.id)).version).toBe('of-a');
    expect(await shown(b.id)).toMatchObject({ version: null, state: null });
  });

  test('what is another box’s is refused, and audited', async () => {
    const sha256 = await photoOf(b.id);
    const token = await a.box.token();
    const read = await core.call({ token }, 'GET', `/api/v1/edge/photos/${sha256}`);
    expect(read.status).toBe(404);
    expect((await core.call({ token }, 'GET', `/api/v1/edge/photos/${SHA}`)).status).toBe(404);
    const states = { photos: [sha256, SHA] };
    const asked = await core.call({ token }, 'POST', '/api/v1/edge/photos/states', states);
    expect(asked).toMatchObject({ status: 200, body: { photos: [] } });
    const ofB = await b.box.token();
    expect((await core.call({ token: ofB }, 'GET', `/api/v1/edge/photos/${sha256}`)).status).toBe(
      200,
    );
    const query = `organisation=${core.organisationId}&expires=${Date.now() + 60_000}`;
    const inbox = `/api/v1/edge/inbox/${b.id}/${sha256}?${query}&signature=AAAA`;
    expect((await core.call({ token }, 'PUT', inbox, {})).status).toBe(403);
    const entries = await database!.db
      .selectFrom('audit_entries')
      .select(['actor', 'subject_type', 'subject_id'])
      .where('organisation_id', '=', core.organisationId)
      .where('action', '=', 'edges.trespass')
      .orderBy('id')
      .execute();
    const foreign = { actor: `edge:${a.id}`, subject_type: 'photos', subject_id: sha256 };
    expect(entries).toEqual([
      foreign,
      foreign,
      { actor: 'address:203.0.113.9', subject_type: 'edges', subject_id: b.id },
    ]);
  });

  /** A photo that only this box has sent. */
  async function photoOf(edgeId: string): Promise<string> {
    const sha256 = crypto.getRandomValues(Buffer.alloc(32));
    const organisation_id = core.organisationId;
    const session = newId();
    await database!.db
      .insertInto('photo_sessions')
      .values({ organisation_id, id: session, state: 'pending' })
      .execute();
    await database!.db
      .insertInto('photos')
      .values({
        organisation_id,
        sha256,
        photo_session_id: session,
        state: 'stored',
        media_type: 'image/jpeg',
        size_bytes: 1,
        width: 1,
        height: 1,
        object_key: `photos/${sha256.toString('hex')}`,
      })
      .execute();
    await database!.db
      .insertInto('sightings')
      .values({
        organisation_id,
        id: newId(),
        sha256,
        source: 'edge',
        source_key: `${edgeId}:x`,
        edge_id: edgeId,
        accepted_at: new Date(),
        correlation_id: 'c',
      })
      .execute();
    return sha256.toString('hex');
  }

  test('a flood of codes is answered 429, with when to come again; assertions have a limit of their own', async () => {
    const limited = await createTestCore(database!.db);
    const guess = { code: 'GUESS-GUESS', public_key: a.box.publicKey };
    const ask = async () => await limited.call(null, 'POST', '/api/v1/edge/enrol', guess);
    for (let tries = 0; tries < 20; tries++) expect((await ask()).status).toBe(401);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const of = { limit: 'edgeToken', key: '203.0.113.9' } as const;
    expect(limitOf(null, '/api/v1/edge/token', of.key)).toEqual(of);
  });

  test('no code, assertion or token stands in the log', async () => {
    const made = await core.call('admin', 'POST', '/api/v1/edges', { code: 'C', name: 'C' });
    const { code } = made.body.enrolment;
    const box = await createTestBox(core, made.body.id);
    await box.enrol(code);
    const assertion = await box.assertion();
    const token = (await box.exchange(assertion)).body.access_token;
    await core.call({ token }, 'POST', '/api/v1/edge/heartbeat', { wrong: true });
    await box.exchange(assertion);
    const log = said.join('');
    expect(said.length).toBeGreaterThan(0);
    const signature = (text: string) => text.split('.')[2] ?? '';
    for (const secret of [code, signature(assertion), signature(token)]) {
      expect(secret.length).toBeGreaterThan(5);
      expect(log).not.toContain(secret);
    }
  });
});
