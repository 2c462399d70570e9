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
  /** Registries of two cores; of one installation, unless two are named. */
  const openTwo = async (installation = newId(), another = installation) => {
    const clock = new ManualClock();
    return {
      one: new Registry(await connect(), clock, installation),
      other: new Registry(await connect(), clock, another),
    };
  };

  test('a server that announces itself at one core is known at the other', async () => {
    const { one, other } = await openTwo();
    // Whatever its name is.
    for (const serverId of [newId(), 'names', newId()]) {
      const server = { serverId, address: 'gpu-1:9001' };
      await one.announce(server);
      expect(await other.servers()).toContainEqual(server);
    }
  });

  test('each core sees the others that live, until they leave', async () => {
    const { one, other } = await openTwo();
    const [a, b] = [newId(), newId()];
    await one.beat(a);
    await other.beat(b);
    expect(await one.cores(a)).toContain(b);
    await other.leave(b);
    expect(await one.cores(a)).not.toContain(b);
  });

  test('of two installations on one Redis neither knows the other’s servers and cores', async () => {
    const { one, other } = await openTwo(newId(), newId());
    const [server, own] = [newId(), newId()];
    await one.announce({ serverId: server, address: 'gpu-1:9001' });
    await one.beat(own);
    expect(await one.servers()).toHaveLength(1);
    expect(await other.servers()).toEqual([]);
    expect(await other.cores('another')).toEqual(['another']);
  });

  test('while Redis is away a core knows what it heard itself, and nothing of other cores', async () => {
    const clock = new ManualClock();
    const redis = await connect();
    const registry = new Registry(redis, clock, newId());
    const server = { serverId: newId(), address: 'gpu-1:9001' };
    redis.destroy();
    await registry.announce(server);
    expect(await registry.servers()).toEqual([server]);
    expect(await registry.cores('a')).toBeNull();
    clock.ms += 10_001;
    expect(await registry.servers()).toEqual([]);
  });
});
