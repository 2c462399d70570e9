import { afterAll, describe, expect, test } from 'bun:test';
import { parseConfig } from '@demeter/common/config';
import { newId } from '@demeter/common/ids';
import { createLogger } from '@demeter/common/logger';
import { type CoreEvent, createRedisEventBus, LocalEventBus } from './events.ts';
import { keysOf, openRedis, type RedisClient } from './redis.ts';

const url = process.env.DEMETER_TEST_REDIS_URL;
const { values } = parseConfig({ LOG_LEVEL: 'error', ...(url ? { REDIS_URL: url } : {}) });
const log = createLogger('test', values);
const event = (servers: number): CoreEvent => ({ type: 'server', data: { servers } });

/** Ends with its test at the latest. */
async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await Bun.sleep(25);
}

test('a listener that fails does not keep others from hearing', () => {
  const bus = new LocalEventBus(createLogger('test', { ...values, LOG_LEVEL: 'error' }));
  const heard: number[] = [];
  bus.subscribe(() => {
    throw new Error('bad listener');
  });
  const end = bus.subscribe((one) => heard.push(one.type === 'server' ? one.data.servers : -1));
  bus.publish(event(1));
  end();
  bus.publish(event(2));
  expect(heard).toEqual([1]);
});

describe.skipIf(!url)('events between replicas (Redis)', () => {
  const clients: RedisClient[] = [];
  afterAll(() => {
    for (const client of clients) client.destroy();
  });
  const open = async (installation: string) => {
    const redis = openRedis(values, log) as RedisClient;
    clients.push(redis);
    const bus = await createRedisEventBus(redis, installation, log);
    const heard: number[] = [];
    bus.subscribe((one) => heard.push(one.type === 'server' ? one.data.servers : -1));
    await eventually(() => redis.isReady);
    return { redis, bus, heard };
  };

  test('are heard by all, once each, also after connections were cut', async () => {
    const installation = newId();
    const [a, b] = [await open(installation), await open(installation)];
    let sent = 0;
    const send = () => a.bus.publish(event(++sent));
    // The subscription is made beside; until then only the own replica hears.
    await eventually(() => {
      send();
      return b.heard.length > 0;
    });
    expect(a.heard).toEqual(Array.from({ length: sent }, (_, n) => n + 1));
    await a.redis.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
    const before = b.heard.length;
    await eventually(() => {
      send();
      return b.heard.length > before;
    });
    expect(a.heard).toHaveLength(sent);
    expect(new Set(b.heard).size).toBe(b.heard.length);
    await a.bus.close();
    await b.bus.close();
  });

  test('are not heard in another installation on the same Redis', async () => {
    const [ours, theirs] = [newId(), newId()];
    const [a, b, other] = [await open(ours), await open(ours), await open(theirs)];
    for (const installation of [ours, theirs]) {
      await eventually(async () => {
        const channels = await a.redis.pubSubChannels(`${keysOf(installation)}*`);
        return channels.length === 1;
      });
    }
    let sent = 0;
    await eventually(() => {
      a.bus.publish(event(++sent));
      return b.heard.length > 0;
    });
    expect(other.heard).toEqual([]);
    for (const { bus } of [a, b, other]) await bus.close();
  });
});

test('with Redis away events still reach this replica', async () => {
  const away = openRedis({ ...values, REDIS_URL: 'redis://127.0.0.1:1' }, log) as RedisClient;
  const bus = await createRedisEventBus(away, newId(), log);
  const heard: CoreEvent[] = [];
  bus.subscribe((one) => heard.push(one));
  bus.publish(event(3));
  expect(heard).toHaveLength(1);
  await bus.close();
  away.destroy();
});
