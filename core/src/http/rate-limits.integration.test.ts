import { afterAll, describe, expect, test } from 'bun:test';
import { parseConfig } from '@demeter/common/config';
import { newId } from '@demeter/common/ids';
import { createLogger } from '@demeter/common/logger';
import { rejection } from '@demeter/common/testing';
import { openRedis, type RedisClient } from '../redis.ts';
import { createRateLimits, limitOf, type RateLimits } from './rate-limits.ts';

const url = process.env.DEMETER_TEST_REDIS_URL;
const { values } = parseConfig({ APP_ENV: 'staging', ...(url ? { REDIS_URL: url } : {}) });
const log = createLogger('test', { ...values, LOG_LEVEL: 'error' });
const clients: RedisClient[] = [];
afterAll(() => {
  for (const client of clients) client.destroy();
});
const limitsOf = (redis: RedisClient | null, organisationId = newId()) =>
  createRateLimits({ values, redis, organisationId });
const connect = (to = values.REDIS_URL) => {
  const client = openRedis({ ...values, REDIS_URL: to }, log) as RedisClient;
  clients.push(client);
  return client;
};

/** How many tries are let through before one is refused. */
async function allowed(limits: readonly RateLimits[], key: string): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const error = await limits[tries % limits.length]!('signIn', key).then(
      () => undefined,
      (one: unknown) => one,
    );
    if (error) {
      expect(error).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
      return tries;
    }
  }
  throw new Error('nothing was refused');
}

describe.skipIf(!url)('limits shared by replicas (Redis)', () => {
  test('two cores count together', async () => {
    const [a, b] = [connect(), connect()];
    while (!a.isReady || !b.isReady) await Bun.sleep(10);
    const installation = newId();
    const [one, other] = [limitsOf(a, installation), limitsOf(b, installation)];
    const key = '10.0.0.1';
    expect(await allowed([one, other], key)).toBe(20);
    // Another installation on the same Redis counts by itself.
    expect(await allowed([limitsOf(a)], key)).toBe(20);
  });
});

test('with Redis away a core counts by itself, without holding up requests', async () => {
  const limits = limitsOf(connect('redis://127.0.0.1:1'));
  const started = performance.now();
  expect(await allowed([limits], crypto.randomUUID())).toBe(20);
  // To wait for an answer to each would take twice as long.
  expect(performance.now() - started).toBeLessThan(20_000);
});

test('in development without Redis there are none', async () => {
  const limits = createRateLimits({
    values: { ...values, APP_ENV: 'development' },
    redis: null,
    organisationId: newId(),
  });
  expect(await rejection(allowed([limits], 'x'))).toMatchObject({ message: 'nothing was refused' });
});

test('who answers for a request is limited, not the address they share', () => {
  const edge = { kind: 'edge', actor: 'edge:1' } as never;
  expect(limitOf(edge, '/api/v1/edge/photos', '10.0.0.1')).toEqual({
    limit: 'edge',
    key: 'edge:1',
  });
  expect(limitOf(null, '/api/v1/map', '10.0.0.1')).toEqual({ limit: 'anonymous', key: '10.0.0.1' });
  const signIn = limitOf(null, '/api/v1/auth/sign-in', '10.0.0.1');
  expect(signIn).toEqual({ limit: 'signIn', key: '10.0.0.1' });
});
