import { AppError } from '@demeter/common/errors';
import { createClient } from 'redis';
import { createOidcVerifier } from '../auth/oidc.ts';
import type { CoreConfig } from '../config.ts';
import { checkSchema } from '../db/migrate.ts';
import { errorOf } from '../http/error-response.ts';
import { createStores } from '../stores.ts';
import type { Health } from '../system/health.ts';
import { type AdminContext, openAdminContext, publicUrlOf } from './admin-context.ts';

/** One thing that was looked at; `ok` is null where it could not be asked, `hint` says how to mend it. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean | null;
  readonly detail: string;
  readonly hint: string | null;
}

const WAIT_MS = 5_000;

/** What is configured, reachable and there. Never throws. */
export async function examine(config: CoreConfig): Promise<Finding[]> {
  const findings: Finding[] = [];
  const look = async (check: string, run: () => Promise<string>): Promise<void> => {
    try {
      findings.push({ check, ok: true, detail: await run(), hint: null });
    } catch (error) {
      const shown = error instanceof AppError ? error : errorOf(error);
      const detail = error instanceof AppError ? error.message : String(error);
      findings.push({ check, ok: false, detail, hint: shown.hint });
    }
  };
  let context: AdminContext | undefined;
  await look('database', async () => {
    context = await openAdminContext(config);
    return context.embedded ? 'embedded (PGlite)' : 'PostgreSQL';
  });
  if (context) {
    const open = context;
    await look('schema', async () => {
      await checkSchema(open.db);
      return 'of this version';
    });
    await look('organisation', async () => await open.organisationId());
    await look('signing keys', async () => `${(await open.keys()).publicKeys().keys.length}`);
    await open.close();
  }
  await lookAtStores(config, look);
  await look('redis', () => describeRedis(config.values.REDIS_URL));
  await look('identity provider', async () =>
    createOidcVerifier(config.values) ? 'configured' : 'none: local tokens only',
  );
  findings.push({ check: 'inference servers', ...(await describeServers(config)) });
  return findings;
}

/** As the running core sees them: what they run on is theirs to say. */
async function describeServers({ values }: CoreConfig): Promise<Omit<Finding, 'check'>> {
  const url = publicUrlOf(values);
  const health = await fetch(`${url}/health`, { signal: AbortSignal.timeout(WAIT_MS) })
    .then(async (response) => (await response.json()) as Health)
    .catch(() => null);
  if (!health?.workers) {
    const hint = 'Start the core, or correct DEMETER_CORE_PUBLIC_URL; it knows its servers.';
    return { ok: null, detail: `not known: no core answers at ${url}`, hint };
  }
  const servers = Object.entries(health.workers).map(([server, state]) => {
    const reason = health.reasons[server];
    return reason === undefined ? `${server} ${state}` : `${server} ${state} (${reason})`;
  });
  const detail = servers.length === 0 ? 'none is connected' : servers.join(', ');
  return { ok: true, detail, hint: null };
}

type Look = (check: string, run: () => Promise<string>) => Promise<void>;

async function lookAtStores(config: CoreConfig, look: Look): Promise<void> {
  const stores = createStores(config.values);
  for (const [name, store] of Object.entries(stores)) {
    await look(`store of ${name}`, async () => {
      await store.check(AbortSignal.timeout(WAIT_MS));
      return store.kind;
    });
  }
}

async function describeRedis(url: string | undefined): Promise<string> {
  if (!url) return 'none: one core runs alone';
  const client = createClient({
    url,
    socket: { connectTimeout: WAIT_MS, reconnectStrategy: false },
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.ping();
    return 'answers';
  } catch (error) {
    throw new AppError('INTERNAL', 'Redis does not answer.', {
      hint: 'Start it or correct REDIS_URL; the core goes on without it meanwhile.',
      cause: error,
    });
  } finally {
    client.destroy();
  }
}
