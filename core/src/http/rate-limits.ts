import { AppError } from '@demeter/common/errors';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Principal } from '../auth/principal.ts';
import type { CoreContext } from '../context.ts';
import { keysOf } from '../redis.ts';

/** Requests a minute. A page with a hundred photos asks for two hundred files and some lists. */
const LIMITS = {
  /** By address: requests that nobody answers for, wrong tokens among them. */
  anonymous: 300,
  /** By address: tries to redeem a sign-in link. */
  signIn: 20,
  /** By address: tries to enrol a box with a one-time code. */
  enrol: 20,
  /** By address, behind which there may be a whole site or a proxy: a box's tokens. */
  edgeToken: 600,
  /** By address: files and puts whose links we have signed; a page shows a hundred pictures. */
  link: 12_000,
  /** By person or program. */
  user: 3_000,
  /** By edge: a box that was offline for a week drains its backlog. */
  edge: 12_000,
} as const;

export type Limit = keyof typeof LIMITS;

/** Throws TOO_MANY_REQUESTS with the seconds to wait. */
export type RateLimits = (limit: Limit, key: string) => Promise<void>;

/** Counted in Redis for all replicas; in memory without it, or while it is away. */
export function createRateLimits({
  values,
  redis,
  organisationId,
}: Pick<CoreContext, 'values' | 'redis' | 'organisationId'>): RateLimits {
  if (values.APP_ENV === 'development' && !redis) return async () => {};
  const limiters = new Map<Limit, RateLimiterAbstract>();
  for (const [limit, points] of Object.entries(LIMITS) as [Limit, number][]) {
    const options = { keyPrefix: `${keysOf(organisationId)}rate:${limit}`, points, duration: 60 };
    const inMemory = new RateLimiterMemory(options);
    limiters.set(
      limit,
      redis
        ? new RateLimiterRedis({
            ...options,
            storeClient: redis,
            // Without this the limiter takes node-redis for another client and counts in memory.
            useRedisPackage: true,
            insuranceLimiter: inMemory,
          })
        : inMemory,
    );
  }
  return async (limit, key) => {
    try {
      await limiters.get(limit)?.consume(key);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new AppError('TOO_MANY_REQUESTS', 'Too many requests in this minute.', {
        retryAfterSeconds: Math.max(1, Math.ceil(error.msBeforeNext / 1000)),
      });
    }
  };
}

/** Which limit a request falls under, and whose it is. */
export function limitOf(
  principal: Principal | null,
  path: string,
  remoteAddress: string | undefined,
): { limit: Limit; key: string } {
  const address = remoteAddress ?? 'inside';
  if (path === '/api/v1/auth/sign-in') return { limit: 'signIn', key: address };
  if (path === '/api/v1/edge/enrol') return { limit: 'enrol', key: address };
  if (path === '/api/v1/edge/token') return { limit: 'edgeToken', key: address };
  const isLink = path.startsWith('/api/v1/files/') || path.startsWith('/api/v1/edge/inbox/');
  if (isLink) return { limit: 'link', key: address };
  if (principal === null) return { limit: 'anonymous', key: address };
  return { limit: principal.kind, key: principal.actor };
}
