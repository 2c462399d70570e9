import { afterAll, describe, expect, test } from 'bun:test';
import type { Clock } from '@demeter/common/clock';
import { parseConfig } from '@demeter/common/config';
import { newId } from '@demeter/common/ids';
import { createLogger } from '@demeter/common/logger';
import { until } from '../_processes.ts';
import { openRedis, type RedisClient } from '../redis.ts';
import { Registry } from './registry.ts';

const REDIS_URL = process.env.DEMETER_TEST_REDIS_URL;

class ManualClock implements Clock {
  ms = 0;
  now = () => this.ms;
  monotonic = () => this.ms;
  sleep = async () => {};
}

describe.skipIf(!REDIS_URL)('the registry (needs DEMETER_TEST_REDIS_URL)', () => {
  const { values } = parseConfig({ REDIS_URL: REDIS_URL ?? '', LOG_LEVEL: 'error' });
  const log = createLogger('test', values);
  const clients: RedisClient[] = [];
  afterAll(() => {
    for (const client of clients) client.destroy();
  });
  const connect = async () => {
    const client = openRedis(values, log);
    if (!client) throw new Error('no Redis');
    clients.push(client);
    await until('Redis', async () => client.isReady);
    return client;
  };

  test('a server that announces itself at one core is known at the other', async () => {
    const clock = new ManualClock();
    const [one, other] = [
      new Registry(await connect(), clock),
      new Registry(await connect(), clock),
    ];
    // Whatever its name is.
    for (const serverId of [newId(), 'names', newId()]) {
      const server = { serverId, address: 'gpu-1:9001' };
      await one.announce(server);
      expect(await other.servers()).toContainEqual(server);
    }
  });

  test('each core sees the others that live, until they leave', async () => {
    const clock = new ManualClock();
    const [one, other] = [
      new Registry(await connect(), clock),
      new Registry(await connect(), clock),
    ];
    const [a, b] = [newId(), newId()];
    await one.beat(a);
    await other.beat(b);
    expect(await one.cores(a)).toContain(b);
    await other.leave(b);
    expect(await one.cores(a)).not.toContain(b);
  });

  test('while Redis is away a core knows what it heard itself, and nothing of other cores', async () => {
    const clock = new ManualClock();
    const redis = await connect();
    const registry = new Registry(redis, clock);
    const server = { serverId: newId(), address: 'gpu-1:9001' };
    redis.destroy();
    await registry.announce(server);
    expect(await registry.servers()).toEqual([server]);
    expect(await registry.cores('a')).toBeNull();
    clock.ms += 10_001;
    expect(await registry.servers()).toEqual([]);
  });
});
