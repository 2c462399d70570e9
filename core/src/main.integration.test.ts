import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AppError } from '@demeter/common/errors';
import { rejection } from '@demeter/common/testing';
import { type CoreProcess, runAdmin, startCoreProcess } from './_processes.ts';
import { readConfig } from './config.ts';
import { createTestDatabase, TEST_DATABASE_URL } from './db/_test-database.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;

describe.skipIf(!database)('the core as a process (PostgreSQL)', () => {
  let folder: string;
  let env: Record<string, string>;
  let core: CoreProcess;
  const admin = async (...args: string[]) => JSON.parse(await runAdmin([...args, '--json'], env));
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'demeter-core-'));
    env = {
      APP_ENV: 'staging',
      JWT_SECRET_KEY: 'a secret of tests that is long enough',
      DATABASE_URL: database?.url ?? '',
      DEMETER_STORE_DIR: folder,
    };
    await admin('init');
    await admin('seed');
    core = await startCoreProcess(env);
  });
  afterAll(async () => {
    await core?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const get = (at: string, headers: Record<string, string> = {}) =>
    fetch(`${core.ready.http}${at}`, { headers });

  test('commands may be repeated: nothing is made twice', async () => {
    expect(await admin('init')).toMatchObject({ signing_key: 'there' });
    const seeded = await admin('seed');
    expect(seeded.created).toBe(0);
    expect(seeded.there).toBeGreaterThan(50);
    const first = await admin('place', 'add', 'X-1', '--name', 'Extra');
    expect(first).toMatchObject({ code: 'X-1', created: true });
    const [again, second] = await admin('place', 'add', 'X-1', 'X-2');
    expect(again).toEqual({ ...first, created: false });
    expect(second).toMatchObject({ code: 'X-2', created: true });
    expect(await admin('stock', 'check')).toMatchObject({ disagreeing: [] });
    expect(await admin('photos')).toEqual([]);
    const findings: { check: string; ok: boolean | null }[] = await admin('doctor');
    // Null: what only a running core could say.
    expect(findings.filter(({ ok }) => ok === false)).toEqual([]);
  });

  test('the seeded nursery is on the map, each bench in its bed and configured', async () => {
    const { token } = await admin('token', '--role', 'viewer');
    const map = await (await get('/api/v1/map', { authorization: `Bearer ${token}` })).json();
    const { warehouses } = map as { warehouses: { areas: { locations: unknown[] }[] }[] };
    const benches = warehouses.flatMap(({ areas }) => areas.flatMap(({ locations }) => locations));
    expect(benches).toHaveLength(14);
    for (const bench of benches)
      expect(bench).toMatchObject({ product: { sku: expect.any(String) } });
  });

  test('a token is printed alone, for a file', async () => {
    const token = await runAdmin(['token'], env);
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    const answer = await get('/api/v1/auth/me', { authorization: `Bearer ${token}` });
    expect(answer.status).toBe(200);
  });

  test('a sign-in link from the command line opens a session', async () => {
    const { token, url } = await admin('sign-in-link');
    expect(url).toEndWith(`/#sign-in=${token}`);
    const answer = await fetch(`${core.ready.http}/api/v1/auth/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ roles: ['admin'] });
  });

  test('health says what is there, in the original system’s words', async () => {
    const health = await (await get('/health')).json();
    expect(health).toEqual({
      status: 'degraded',
      service: 'Demeter',
      version: '0.1.0',
      database: 'connected',
      redis: 'absent',
      object_store: 'connected',
      workers: {},
      reasons: {},
    });
    expect(await (await get('/api/v1/health')).json()).toEqual(health);
    expect(await (await get('/health/live')).json()).toEqual({ status: 'alive' });
    expect((await get('/api/v1/health/ready')).status).toBe(200);
  });

  test('a correlation id goes in, comes out and stands in the log line', async () => {
    const sent = { 'x-correlation-id': 'journey-4711' };
    const answer = await get('/api/v1/photos', sent);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('x-correlation-id')).toBe('journey-4711');
    const evil = await get('/api/v1/photos', { 'x-correlation-id': 'a b"c' });
    expect(evil.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    const line = core
      .log()
      .split('\n')
      .find((one) => one.includes('journey-4711'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      level: 'INFO',
      correlation_id: 'journey-4711',
      method: 'GET',
      path: '/api/v1/photos',
      status: 401,
    });
  });

  test('metrics carry the names that dashboards know, by route and not by address', async () => {
    const { token } = await admin('token', '--role', 'viewer');
    const headers = { authorization: `Bearer ${token}` };
    await get(`/api/v1/warehouses/${crypto.randomUUID()}`, headers);
    await get(`/api/v1/warehouses/${crypto.randomUUID()}`, headers);
    const text = await (await get('/metrics')).text();
    const line =
      'http_requests_total{handler="/api/v1/warehouses/:id",method="GET",status="404"} 2';
    expect(text).toContain(line);
    for (const name of [
      'http_request_duration_seconds_bucket',
      'demeter_stock_operations_total',
      'demeter_active_photo_sessions',
      'demeter_ml_inference_duration_seconds',
      'queue_size',
    ]) {
      expect(text).toContain(`\n# TYPE ${name.replace('_bucket', '')} `);
    }
  });

  test('no answer may be framed, sniffed or run scripts of others', async () => {
    for (const at of ['/', '/health', '/api/v1/keys', '/nothing.js']) {
      const { headers } = await get(at);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('content-security-policy')).not.toContain('unsafe-eval');
    }
  });

  test('no path leads out of the page’s folder', async () => {
    for (const at of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2f..%2fpackage.json',
      '/%00.js',
    ]) {
      const answer = await get(at);
      expect(await answer.text()).not.toContain('"@demeter/');
    }
  });

  test('Swagger UI is off outside development, and the document needs a token', async () => {
    expect((await get('/docs')).status).toBe(404);
    expect((await get('/docs/json')).status).toBe(401);
    const { token } = await admin('token', '--role', 'viewer');
    const answer = await get('/docs/json', { authorization: `Bearer ${token}` });
    expect(await answer.json()).toMatchObject({ openapi: '3.1.0' });
  });

  test('events are a stream that speaks every five seconds and ends with the core', async () => {
    const { token } = await admin('token', '--role', 'viewer');
    const own = await startCoreProcess(env);
    const answer = await fetch(`${own.ready.http}/api/v1/events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(': still here')) {
      const { value, done } = await reader.read();
      if (done) throw new Error('the stream ended');
      text += value;
    }
    const started = performance.now();
    const code = own.stop();
    while (!(await reader.read()).done);
    expect(await code).toBe(0);
    // A stream that nobody ends is cut after twenty seconds.
    expect(performance.now() - started).toBeLessThan(18_000);
  });
});

describe.skipIf(!database)('a core that cannot start (PostgreSQL)', () => {
  const start = async (env: Record<string, string>) =>
    String(await rejection(startCoreProcess(env)));
  const base = {
    APP_ENV: 'staging',
    DATABASE_URL: database?.url ?? '',
    JWT_SECRET_KEY: 'a secret of tests that is long enough',
  };
  const OIDC_ISSUER = 'https://issuer.test';
  /** As the program says it, which one test starts. */
  const refusalOf = (env: Record<string, string>) => {
    try {
      return readConfig(env);
    } catch (error) {
      const { message, hint } = error as AppError;
      return `${message} ${hint}`;
    }
  };

  beforeAll(async () => {
    const store = await mkdtemp(path.join(tmpdir(), 'demeter-core-'));
    await runAdmin(['init'], { ...base, DEMETER_STORE_DIR: store });
    await rm(store, { recursive: true });
  });

  test('says which setting is unknown or wrong', async () => {
    expect(await start({ ...base, DEMETER_CORE_PROT: '1' })).toContain('DEMETER_CORE_PROT');
    const refused: [Record<string, string>, string][] = [
      [{ DEMETER_CORE_PROT: '1' }, 'DEMETER_CORE_PROT'],
      [{ DEMETER_CORE_PORT: '99999' }, 'from 0 to 65535'],
      [{ JWT_SECRET_KEY: 'short' }, '32 characters'],
      [{ JWT_SECRET_KEY: '' }, 'must be set in staging'],
      [{ DATABASE_URL: '' }, 'DATABASE_URL'],
      [{ OIDC_ISSUER }, 'OIDC_AUDIENCE'],
      [{ OIDC_ISSUER, OIDC_AUDIENCE: 'a', AUTH0_ALGORITHMS: 'HS256' }, 'AUTH0_ALGORITHMS'],
    ];
    for (const [env, said] of refused) expect(refusalOf({ ...base, ...env })).toContain(said);
  });

  test('says that the secret is not the one of its keys', async () => {
    const wrong = { ...base, JWT_SECRET_KEY: 'another secret that is long enough' };
    expect(await start(wrong)).toContain('JWT_SECRET_KEY');
  });

  test('refuses a schema that it does not know', async () => {
    await database!.db
      .insertInto('kysely_migration' as never)
      .values({ name: '29990101T000000Z-of-the-future', timestamp: '2999' } as never)
      .execute();
    expect(await start(base)).toContain('SCHEMA_UNKNOWN');
  });
});
