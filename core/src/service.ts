import { systemClock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import type { Lifecycle } from '@demeter/common/lifecycle';
import type { Logger } from '@demeter/common/logger';
import { retry } from '@demeter/common/retry';
import type { AnyElysia } from 'elysia';
import packageJson from '../package.json' with { type: 'json' };
import { accountRoutes } from './accounts/routes.ts';
import { authenticate } from './auth/authenticate.ts';
import { KeyRing } from './auth/key-ring.ts';
import { createOidcVerifier } from './auth/oidc.ts';
import { authRoutes } from './auth/routes.ts';
import { deriveSecrets } from './auth/secrets.ts';
import { sweepSessions } from './auth/web-sessions.ts';
import type { CoreConfig } from './config.ts';
import type { CoreContext } from './context.ts';
import { type Counting, createCounting } from './counting.ts';
import { type OpenDatabase, openDatabase, poolSizeOf } from './db/database.ts';
import { checkSchema } from './db/migrate.ts';
import { boxPlaceRoutes } from './edge-sync/box-place-routes.ts';
import { edgeConfigurationRoutes } from './edge-sync/configuration-routes.ts';
import { edgeModelRoutes } from './edge-sync/model-files.ts';
import { pullRoutes } from './edge-sync/pull-routes.ts';
import { reconcileRoutes } from './edge-sync/reconcile-routes.ts';
import { AlertKeeper } from './edges/alert-keeper.ts';
import { boxRoutes } from './edges/box-routes.ts';
import { edgeRoutes } from './edges/routes.ts';
import { sweepAssertions } from './edges/token.ts';
import { createRedisEventBus, LocalEventBus } from './events.ts';
import { createApp } from './http/app.ts';
import { documentRoutes } from './http/documents.ts';
import { createFetch, type Fetch } from './http/fetch.ts';
import { createMetrics } from './http/metrics.ts';
import { pageRoutes } from './http/page.ts';
import { createRateLimits } from './http/rate-limits.ts';
import { meshRoutes } from './mesh/routes.ts';
import { rolloutRoutes } from './models/rollout-routes.ts';
import { modelRoutes } from './models/routes.ts';
import { ORGANISATION_CODE } from './organisation.ts';
import { observeMissing } from './originals/missing.ts';
import { missingPhotoRoutes } from './originals/missing-routes.ts';
import { Scrubber } from './originals/scrubber.ts';
import { edgePhotoRoutes } from './photos/edge-routes.ts';
import { edgeStatusRoutes } from './photos/edge-status-routes.ts';
import { fileRoutes } from './photos/file-routes.ts';
import { partUploadRoutes } from './photos/part-upload-routes.ts';
import { sweepUploads } from './photos/part-uploads.ts';
import { photoRoutes } from './photos/routes.ts';
import { sweepInbox } from './photos/sweep-inbox.ts';
import { placeConfigRoutes } from './places/config-routes.ts';
import { mapRoutes } from './places/map.ts';
import { placeRoutes } from './places/routes.ts';
import { productRoutes } from './products/routes.ts';
import { openRedis } from './redis.ts';
import { observeReprocessings } from './reprocess/observe.ts';
import { reprocessRoutes } from './reprocess/routes.ts';
import { runRoutes } from './runs/routes.ts';
import { sweepStandIns } from './stand-ins/retention.ts';
import { standInRoutes } from './stand-ins/routes.ts';
import { bookWaitingSessions } from './stock/book-waiting.ts';
import { stockRoutes } from './stock/routes.ts';
import { createStores } from './stores.ts';
import { Sweeps } from './sweeps.ts';
import { systemRootRoutes, systemRoutes } from './system/routes.ts';

export const VERSION = packageJson.version;

export interface OpenContext extends CoreContext {
  /** Closes Redis, then the pool. */
  close(): Promise<void>;
}

export interface ContextOptions {
  readonly config: CoreConfig;
  readonly log: Logger;
  readonly stopping: AbortSignal;
  readonly publicUrl: () => string;
}

/** A start waits so long for a database that is starting too. */
const DATABASE_WAIT_TRIES = 12;

/** Connects to everything. Throws DATABASE_UNAVAILABLE, SCHEMA_UNKNOWN, NOT_FOUND (no `init` yet). */
export async function openContext(options: ContextOptions): Promise<OpenContext> {
  const { config, log, stopping } = options;
  const { values } = config;
  const opened = await openDatabaseWhenThere(config, log, stopping);
  const redis = openRedis(values, log);
  const close = async () => {
    redis?.destroy();
    await opened.close();
  };
  try {
    await checkSchema(opened.db);
    const organisationId = await readOrganisation(opened);
    const secrets = deriveSecrets(config.secret);
    const events = redis
      ? await createRedisEventBus(redis, organisationId, log)
      : new LocalEventBus(log);
    return {
      values,
      log,
      clock: systemClock,
      db: opened.db,
      embedded: opened.embedded,
      ...createStores(values),
      events,
      redis,
      keys: await KeyRing.read(opened.db, organisationId, secrets.seal),
      secrets,
      metrics: createMetrics(),
      organisationId,
      stopping,
      publicUrl: options.publicUrl,
      close: async () => {
        await events.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openDatabaseWhenThere(
  config: CoreConfig,
  log: Logger,
  signal: AbortSignal,
): Promise<OpenDatabase> {
  const open = () =>
    openDatabase({
      url: config.databaseUrl,
      poolSize: poolSizeOf(config.values),
      onIdleError: (error) => log.warn({ err: error }, 'a database connection was lost'),
    });
  return await retry(open, {
    clock: systemClock,
    signal,
    attemptsMax: DATABASE_WAIT_TRIES,
    baseMs: 500,
    maxMs: 5_000,
    retryable: (error) => error instanceof AppError && error.code === 'DATABASE_UNAVAILABLE',
    onRetry: (error) => log.warn({ err: error }, 'waiting for the database'),
  });
}

async function readOrganisation({ db }: OpenDatabase): Promise<string> {
  const organisation = await db
    .selectFrom('organisations')
    .select('id')
    .where('code', '=', ORGANISATION_CODE)
    .executeTakeFirst();
  if (organisation) return organisation.id;
  throw new AppError('NOT_FOUND', 'There is no organisation yet.', { hint: 'Run `demeter init`.' });
}

/** Every route of the API. A new feature is added here. */
export function createFeatures(context: CoreContext, counting: Counting): AnyElysia[] {
  const { mesh, pipelines, rollouts } = counting;
  const system = {
    version: VERSION,
    readWorkers: () => mesh.workers(),
    readReasons: () => mesh.reasons(),
    acceptsPhotos: async () => (await pipelines.read()) !== undefined,
  };
  const take = { context, pipelines, wake: counting.wake };
  return [
    systemRootRoutes(context, system),
    systemRoutes(context, system),
    authRoutes(context),
    accountRoutes(context),
    edgeRoutes(context),
    boxRoutes(context),
    ...placeRoutes(context),
    placeConfigRoutes(context),
    mapRoutes(context),
    ...productRoutes(context),
    ...stockRoutes(context),
    photoRoutes(take),
    fileRoutes(context),
    edgePhotoRoutes(take),
    edgeStatusRoutes(context),
    partUploadRoutes(context),
    standInRoutes(context),
    reconcileRoutes(context),
    pullRoutes(context),
    edgeConfigurationRoutes(context),
    boxPlaceRoutes(context),
    edgeModelRoutes(context),
    missingPhotoRoutes(context),
    runRoutes(context),
    meshRoutes(context, mesh),
    modelRoutes({ context, mesh, pipelines }),
    rolloutRoutes({ context, mesh, pipelines, rollouts }),
    ...reprocessRoutes({ context, wake: () => counting.reprocessor.wake() }),
  ];
}

/** The API, its description, and the page that uses it. */
export function createRoutes(context: CoreContext, counting: Counting): AnyElysia[] {
  const features = createFeatures(context, counting);
  return [...features, documentRoutes(context, features, VERSION), pageRoutes(context)];
}

/** The core's answer to any request. */
export function createCoreFetch(context: CoreContext, counting: Counting): Fetch {
  const { values, metrics, log } = context;
  const oidc = createOidcVerifier(values);
  return createFetch({
    app: createApp(createRoutes(context, counting), log),
    authenticate: (request, address) => authenticate(context, oidc, request, address),
    rateLimits: createRateLimits(context),
    metrics,
    log,
  });
}

export interface Running {
  /** http://host:port */
  readonly http: string;
  /** host:port */
  readonly grpc: string;
}

/** Bun cuts what is silent for longer; streams send something every five seconds. */
const IDLE_SECONDS = 60;
/** Of the 30 s from SIGTERM to the end; what is not answered by then is cut. */
const FINISH_MS = 20_000;
const SWEEP_MS = 3_600_000;

/** Starts the core; what it started stops with `lifecycle`, in order. */
export async function startCore(
  config: CoreConfig,
  log: Logger,
  lifecycle: Lifecycle,
): Promise<Running> {
  const { values } = config;
  let address = '';
  const context = await openContext({
    config,
    log,
    stopping: lifecycle.stopping,
    publicUrl: () => (values.DEMETER_CORE_PUBLIC_URL ?? address).replace(/\/+$/, ''),
  });
  const counting = await createCounting(context);
  const answer = createCoreFetch(context, counting);
  const server = Bun.serve({
    hostname: values.DEMETER_CORE_HOST,
    port: values.DEMETER_CORE_PORT,
    idleTimeout: IDLE_SECONDS,
    // Photos are streamed and cut at their own limit, with an answer that says so.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: (request, self) => answer(request, self.requestIP(request)?.address),
  });
  address = `http://${hostOf(values.DEMETER_CORE_HOST)}:${server.port}`;
  const stopSweeping = startSweeping(context);
  const alerts = new AlertKeeper(context);
  alerts.start();
  lifecycle.onStop('alerts of boxes', () => alerts.stop());
  observeMissing(context);
  observeReprocessings(context);
  const scrubber = new Scrubber(context);
  scrubber.start();
  lifecycle.onStop('http', async () => {
    stopSweeping();
    const scrubbed = scrubber.stop();
    // Not awaited: it waits for connections that are merely kept alive, too.
    void server.stop();
    const end = performance.now() + FINISH_MS;
    while (server.pendingRequests > 0 && performance.now() < end) await Bun.sleep(20);
    void server.stop(true);
    await scrubbed;
  });
  const grpc = await counting.start();
  lifecycle.onStop('counting', () => counting.stop());
  lifecycle.onStop('redis and database', () => context.close());
  return { http: address, grpc };
}

/** At start and every hour: what has expired goes, and counts that a crash left waiting are booked. */
function startSweeping(context: CoreContext): () => void {
  const { db, clock, log, stopping } = context;
  const now = () => new Date(clock.now());
  const sweeps = new Sweeps(log, stopping, {
    sessions: () => sweepSessions(db, now()),
    assertions: () => sweepAssertions(context, now()),
    'waiting counts': () => bookWaitingSessions(context),
    'stand-ins': () => sweepStandIns(context),
    uploads: () => sweepUploads(context),
    inbox: () => sweepInbox(context),
  });
  void sweeps.run();
  const timer = setInterval(() => void sweeps.run(), SWEEP_MS);
  return () => clearInterval(timer);
}

/** An address to reach a bind by: all interfaces are reached by loopback from here. */
function hostOf(bind: string): string {
  if (bind === '0.0.0.0' || bind === '::') return '127.0.0.1';
  return bind.includes(':') ? `[${bind}]` : bind;
}
