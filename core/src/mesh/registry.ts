import type { Clock } from '@demeter/common/clock';
import { keysOf, type RedisClient } from '../redis.ts';

/** Where an inference server that announced itself can be dialled. */
export interface AnnouncedServer {
  readonly serverId: string;
  /** host:port */
  readonly address: string;
}

/** A server that is silent for so long is forgotten; it announces every ANNOUNCE_EVERY_MS. */
const SERVER_TTL_MS = 10_000;
export const ANNOUNCE_EVERY_MS = 2_000;
/** The same for cores, so that leases of a dead one are given back long before they lapse. */
const CORE_TTL_MS = 6_000;

/** Looks that must agree. */
const LOOKS = 3;

/**
 * Sorted set of the names below a prefix, by when each was last written: finds them without a SCAN.
 * Its own name is none that a server could have.
 */
const namesOf = (prefix: string) => prefix.slice(0, -1);
/** Nobody's clock is so wrong that a name would be dropped which still has its key. */
const NAME_KEPT_MS = 24 * 3600 * 1000;

/**
 * Who is there: inference servers and cores. Held in this process and, where there is Redis, in
 * keys with a TTL that all replicas share; to look costs what there is of them, however much else
 * that Redis holds. Only cores write. While Redis is away each core goes
 * on with what it heard itself.
 */
export class Registry {
  readonly #servers = new Map<string, AnnouncedServer & { readonly until: number }>();
  readonly #serverKeys: string;
  readonly #coreKeys: string;

  constructor(
    private readonly redis: RedisClient | null,
    private readonly clock: Clock,
    organisationId: string,
  ) {
    this.#serverKeys = `${keysOf(organisationId)}servers:`;
    this.#coreKeys = `${keysOf(organisationId)}cores:`;
  }

  async announce(server: AnnouncedServer): Promise<void> {
    const { serverId, address } = server;
    this.#servers.set(serverId, {
      serverId,
      address,
      until: this.clock.monotonic() + SERVER_TTL_MS,
    });
    await this.#withRedis(async (redis) => {
      await this.#write(redis, this.#serverKeys, {
        name: serverId,
        value: address,
        ttlMs: SERVER_TTL_MS,
      });
    });
  }

  /** Servers heard of lately, here or at another core. */
  async servers(): Promise<AnnouncedServer[]> {
    const found = new Map<string, AnnouncedServer>();
    for (const [serverId, { address, until }] of this.#servers) {
      if (until > this.clock.monotonic()) found.set(serverId, { serverId, address });
      else this.#servers.delete(serverId);
    }
    const shared = await this.#withRedis((redis) => readAll(redis, this.#serverKeys));
    for (const [serverId, address] of shared ?? []) found.set(serverId, { serverId, address });
    return [...found.values()];
  }

  /** True where other cores may be there. */
  get shared(): boolean {
    return this.redis !== null;
  }

  /** Says that this core lives. */
  async beat(coreId: string): Promise<void> {
    await this.#withRedis(async (redis) => {
      await this.#write(redis, this.#coreKeys, { name: coreId, value: '1', ttlMs: CORE_TTL_MS });
    });
  }

  /** Cores that live; null where nobody knows (Redis is configured and away). */
  async cores(coreId: string): Promise<string[] | null> {
    if (this.redis === null) return [coreId];
    const shared = await this.#withRedis((redis) => readAll(redis, this.#coreKeys));
    return shared && [...new Set([coreId, ...shared.keys()])];
  }

  async leave(coreId: string): Promise<void> {
    await this.#withRedis(async (redis) => {
      await redis
        .multi()
        .del(this.#coreKeys + coreId)
        .zRem(namesOf(this.#coreKeys), coreId)
        .exec();
    });
  }

  async #write(
    redis: RedisClient,
    prefix: string,
    { name, value, ttlMs }: { name: string; value: string; ttlMs: number },
  ): Promise<void> {
    const now = this.clock.now();
    await redis
      .multi()
      .set(prefix + name, value, { expiration: { type: 'PX', value: ttlMs } })
      .zAdd(namesOf(prefix), { score: now, value: name })
      .zRemRangeByScore(namesOf(prefix), '-inf', now - NAME_KEPT_MS)
      .exec();
  }

  async #withRedis<T>(use: (redis: RedisClient) => Promise<T>): Promise<T | null> {
    if (!this.redis?.isReady) return null;
    try {
      return await use(this.redis);
    } catch {
      // What Redis holds can be lost; the next announcement writes it again.
      return null;
    }
  }
}

/**
 * Which cores live, over several looks: an empty Redis (FLUSHALL, or just back) is no proof that
 * the others are dead, so a core counts as gone only when three looks in a row did not see it.
 */
export class CoreRoll {
  readonly #unseen = new Map<string, number>();
  #looks = 0;

  /** `listed`: null where nobody knows. Answers who lives, or null while it is too early to say. */
  call(listed: readonly string[] | null, shared: boolean): string[] | null {
    if (!shared) return listed && [...listed];
    if (listed === null) {
      this.#looks = 0;
      return null;
    }
    this.#looks++;
    for (const [core, looks] of this.#unseen) {
      if (looks >= LOOKS - 1) this.#unseen.delete(core);
      else this.#unseen.set(core, looks + 1);
    }
    for (const core of listed) this.#unseen.set(core, 0);
    return this.#looks < LOOKS ? null : [...this.#unseen.keys()];
  }
}

async function readAll(redis: RedisClient, prefix: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const names = await redis.zRange(namesOf(prefix), 0, -1);
  if (names.length === 0) return found;
  const values = await redis.mGet(names.map((name) => prefix + name));
  names.forEach((name, i) => {
    const value = values[i];
    if (typeof value === 'string') found.set(name, value);
  });
  return found;
}
