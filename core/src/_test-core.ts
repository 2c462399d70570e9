import { type Clock, systemClock } from '@demeter/common/clock';
import { type Environment, parseConfig } from '@demeter/common/config';
import { newId } from '@demeter/common/ids';
import { createLogger, type Logger } from '@demeter/common/logger';
import { DirectoryObjectStore } from '@demeter/common/object-store/directory';
import { KeyRing } from './auth/key-ring.ts';
import { ROLE_PERMISSIONS, type Role } from './auth/permissions.ts';
import { deriveSecrets } from './auth/secrets.ts';
import { ensureUser, localUser } from './auth/users.ts';
import type { CoreContext } from './context.ts';
import type { Counting } from './counting.ts';
import type { Database } from './db/database.ts';
import { LocalEventBus } from './events.ts';
import type { Fetch } from './http/fetch.ts';
import { createMetrics } from './http/metrics.ts';
import { openRedis } from './redis.ts';
import { createCoreFetch } from './service.ts';

/** The whole REST API on a test's database, without inference servers and without a port. */
export interface TestCore {
  readonly context: CoreContext;
  readonly organisationId: string;
  readonly fetch: Fetch;
  /** A token of the local person of this role. */
  token(role: Role): Promise<string>;
  /** Sends a request as that role (or with that token), and reads the answer. */
  call(
    as: Role | { token: string } | null,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape.
  readonly body: any;
}

export interface TestCoreOptions {
  readonly env?: Environment;
  readonly organisationId?: string;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Without it there is no inference server, and never a pipeline. */
  readonly counting?: (context: CoreContext) => Counting;
}

/** Talks to the given organisation, or to a new one. */
export async function createTestCore(
  db: Database,
  options: TestCoreOptions = {},
): Promise<TestCore> {
  const { values } = parseConfig({ APP_ENV: 'staging', LOG_LEVEL: 'error', ...options.env });
  const organisationId = options.organisationId ?? newId();
  if (options.organisationId === undefined) {
    await db
      .insertInto('organisations')
      .values({ id: organisationId, code: organisationId.slice(-12), name: 'Test' })
      .execute();
  }
  const secrets = deriveSecrets('a secret of tests that is long enough');
  await KeyRing.init(db, organisationId, secrets.seal);
  const log = options.log ?? createLogger('test', values);
  const context: CoreContext = {
    values,
    log,
    clock: options.clock ?? systemClock,
    db,
    embedded: false,
    originals: new DirectoryObjectStore('/nonexistent/originals'),
    derived: new DirectoryObjectStore('/nonexistent/derived'),
    events: new LocalEventBus(log),
    redis: openRedis(values, log),
    keys: await KeyRing.read(db, organisationId, secrets.seal),
    secrets,
    metrics: createMetrics(),
    organisationId,
    stopping: new AbortController().signal,
    publicUrl: () => 'http://core.test',
  };
  const without = { mesh: { workers: () => ({}), reasons: () => ({}) } } as unknown as Counting;
  const fetch = createCoreFetch(context, options.counting?.(context) ?? without);
  const token = (role: Role) => localToken(context, role);
  return {
    context,
    organisationId,
    fetch,
    token,
    call: async (as, method, path, body, more) => {
      const headers = new Headers(more);
      if (as !== null) {
        headers.set(
          'authorization',
          `Bearer ${typeof as === 'string' ? await token(as) : as.token}`,
        );
      }
      if (body !== undefined) headers.set('content-type', 'application/json');
      const request = new Request(`http://core.test${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const response = await fetch(request, '203.0.113.9');
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: parse(text) };
    },
  };
}

async function localToken(context: CoreContext, role: Role): Promise<string> {
  const { db, keys, clock, organisationId } = context;
  const user = await ensureUser(db, organisationId, localUser(role));
  const issuedAt = Math.floor(clock.now() / 1000);
  return await keys.signToken('access', {
    subject: `user:${user?.id}`,
    organisationId,
    jti: newId(),
    issuedAt,
    expiresAt: issuedAt + 600,
    more: { permissions: ROLE_PERMISSIONS[role] },
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
