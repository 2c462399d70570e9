import type { Values } from '@demeter/common/config';
import type { Logger } from '@demeter/common/logger';
import { createClient } from 'redis';

export type RedisClient = ReturnType<typeof createRedisClient>;

/** How all names of an installation in Redis begin, for several may share one. */
export const keysOf = (organisationId: string): string => `demeter:${organisationId}:`;

const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_MAX_MS = 2_000;
/** A Redis that takes commands and never answers must not hold up a request. */
const COMMAND_TIMEOUT_MS = 2_000;

function createRedisClient(url: string) {
  return createClient({
    url,
    // Redis holds only what can be lost: while it is away commands fail at once.
    disableOfflineQueue: true,
    commandOptions: { timeout: COMMAND_TIMEOUT_MS },
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: (retries) => Math.min(RECONNECT_MAX_MS, 50 * 2 ** Math.min(retries, 6)),
    },
  });
}

/**
 * The shared Redis, or null where none is configured. A Redis that is away is reconnected in the
 * background; ask `isReady` before relying on it.
 */
export function openRedis(values: Values, log: Logger): RedisClient | null {
  if (!values.REDIS_URL) return null;
  const client = createRedisClient(values.REDIS_URL);
  let said = false;
  client.on('error', (error: unknown) => {
    // The client reports each try; one line per outage is enough.
    if (!said) log.warn({ err: error }, 'Redis does not answer; going on without it');
    said = true;
  });
  client.on('ready', () => {
    if (said) log.info('Redis answers again');
    said = false;
  });
  client.connect().catch(() => {});
  return client;
}
