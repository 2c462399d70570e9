import { sql } from 'kysely';
import type { CoreContext } from '../context.ts';

/** What inference servers are there: name → `active`, `draining` or `lost`. */
export type ReadWorkers = () => Readonly<Record<string, string>>;
/** Why a server is not ready, or does not run on what was asked for: name → reason. */
export type ReadReasons = () => Readonly<Record<string, string>>;

/** How many servers count now. */
export function countActive(workers: ReturnType<ReadWorkers>): number {
  return Object.values(workers).filter((state) => state === 'active').length;
}

export interface Health {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly service: 'Demeter';
  readonly version: string;
  readonly database: 'connected' | 'unreachable';
  readonly redis: 'connected' | 'absent' | 'unreachable';
  readonly object_store: 'connected' | 'unreachable';
  readonly workers: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<string, string>>;
}

const CHECK_MS = 2_000;
/** On the embedded database a check waits behind whatever transaction is open. */
const EMBEDDED_CHECK_MS = 10_000;

type HealthContext = Pick<
  CoreContext,
  'db' | 'embedded' | 'redis' | 'originals' | 'derived' | 'stopping'
>;

export interface HealthOptions {
  readonly version: string;
  readonly readWorkers: ReadWorkers;
  readonly readReasons: ReadReasons;
}

/** Asks everything the core depends on, each with a deadline. */
export async function readHealth(
  context: HealthContext,
  { version, readWorkers, readReasons }: HealthOptions,
): Promise<Health> {
  const [database, store] = await Promise.all([isDatabaseThere(context), isStoreThere(context)]);
  const workers = readWorkers();
  const redis =
    context.redis === null ? 'absent' : context.redis.isReady ? 'connected' : 'unreachable';
  const active = countActive(workers) > 0;
  const whole = store && redis !== 'unreachable' && active;
  return {
    status: !database ? 'unhealthy' : whole ? 'healthy' : 'degraded',
    service: 'Demeter',
    version,
    database: database ? 'connected' : 'unreachable',
    redis,
    object_store: store ? 'connected' : 'unreachable',
    workers,
    reasons: readReasons(),
  };
}

/** True where requests can be served: the rest can be away and come back. */
export async function isReady(context: HealthContext): Promise<boolean> {
  return !context.stopping.aborted && (await isDatabaseThere(context));
}

async function isDatabaseThere({ db, embedded }: HealthContext): Promise<boolean> {
  const check = sql`select 1`.execute(db).then(
    () => true,
    () => false,
  );
  return await withDeadline(check, embedded ? EMBEDDED_CHECK_MS : CHECK_MS);
}

async function isStoreThere({ originals, derived }: HealthContext): Promise<boolean> {
  const signal = AbortSignal.timeout(CHECK_MS);
  const check = Promise.all([originals.check(signal), derived.check(signal)]).then(
    () => true,
    () => false,
  );
  return await withDeadline(check, CHECK_MS);
}

async function withDeadline(check: Promise<boolean>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([check, late]);
  } finally {
    clearTimeout(timer);
  }
}
