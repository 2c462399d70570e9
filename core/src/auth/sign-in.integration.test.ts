import { beforeAll, describe, expect, test } from 'bun:test';
import { createTestCore, type TestCore } from '../_test-core.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { createSignInLink } from './web-sessions.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

describe.skipIf(!database)('signing in by a link (PostgreSQL)', () => {
  let core: TestCore;
  beforeAll(async () => {
    core = await createTestCore(database!.db);
  });

  const send = async (
    method: string,
    path: string,
    options: { body?: unknown; cookie?: string; csrf?: string; address?: string } = {},
  ) => {
    const headers = new Headers({ 'content-type': 'application/json' });
    if (options.cookie) headers.set('cookie', options.cookie);
    if (options.csrf) headers.set('x-csrf-token', options.csrf);
    const request = new Request(`http://core.test${path}`, {
      method,
      headers,
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const response = await core.fetch(request, options.address ?? '203.0.113.1');
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const newLink = async () => {
    const { body } = await core.call('admin', 'POST', '/api/v1/auth/sign-in-links', {});
    return new URL(body.url).hash.replace('#sign-in=', '');
  };
  const cookieOf = (headers: Headers) => headers.get('set-cookie')?.split(';')[0] ?? '';

  test('a link works once, also for two who use it at the same moment', async () => {
    const token = await newLink();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => send('POST', '/api/v1/auth/sign-in', { body: { token } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
  });

  test('the cookie is out of reach of scripts and other sites, and names the same person', async () => {
    const signedIn = await send('POST', '/api/v1/auth/sign-in', {
      body: { token: await newLink() },
    });
    expect(signedIn.headers.get('set-cookie')).toMatch(
      /^demeter_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    );
    const me = await send('GET', '/api/v1/auth/me', { cookie: cookieOf(signedIn.headers) });
    expect(me.body).toEqual(signedIn.body as object);
    expect(me.body).toMatchObject({ email: 'admin@demeter.local', roles: ['admin'] });
  });

  test('a change by cookie needs the CSRF token; after signing out the cookie is worth nothing', async () => {
    const signedIn = await send('POST', '/api/v1/auth/sign-in', {
      body: { token: await newLink() },
    });
    const cookie = cookieOf(signedIn.headers);
    const csrf = (signedIn.body as { csrf_token: string }).csrf_token;
    const body = { code: `c-${crypto.randomUUID()}`, name: 'Cacti' };
    for (const wrong of [undefined, '', 'x', `${csrf}x`]) {
      const refused = await send('POST', '/api/v1/product-categories', {
        body,
        cookie,
        csrf: wrong,
      });
      expect(refused).toMatchObject({ status: 403, body: { code: 'CSRF_REJECTED' } });
    }
    const done = await send('POST', '/api/v1/product-categories', { body, cookie, csrf });
    expect(done.status).toBe(201);
    expect((await send('POST', '/api/v1/auth/sign-out', { cookie, csrf })).status).toBe(200);
    expect((await send('GET', '/api/v1/auth/me', { cookie })).status).toBe(401);
  });

  test('a link that has expired is worth nothing', async () => {
    const me = await core.call('admin', 'GET', '/api/v1/auth/me');
    const owner = { organisationId: core.organisationId, userId: me.body.user_id as string };
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    const { token } = await createSignInLink(database!.db, owner, longAgo);
    expect((await send('POST', '/api/v1/auth/sign-in', { body: { token } })).status).toBe(401);
  });

  test('a link is made by those who manage people, for people who are there', async () => {
    const path = '/api/v1/auth/sign-in-links';
    expect((await core.call('supervisor', 'POST', path, {})).status).toBe(403);
    const nobody = { email: 'nobody@example.org' };
    expect((await core.call('admin', 'POST', path, nobody)).status).toBe(404);
  });

  test('a flood of tries is cut: 429 with Retry-After', async () => {
    const body = { token: 'a-token-that-is-wrong' };
    const statuses: number[] = [];
    for (let n = 0; n < 25; n++) {
      const answer = await send('POST', '/api/v1/auth/sign-in', { body, address: '203.0.113.77' });
      statuses.push(answer.status);
      if (answer.status === 429)
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  });
});
