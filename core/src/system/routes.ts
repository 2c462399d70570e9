import { AppError } from '@demeter/common/errors';
import { t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { feature, rootFeature } from '../http/feature.ts';
import { shape } from '../http/schemas.ts';
import { createEventStream } from './event-stream.ts';
import { countActive, type Health, type HealthOptions, isReady, readHealth } from './health.ts';

const State = t.Object({ status: t.String() });
const Ready = t.Object({ status: t.String(), accepts_photos: t.Boolean() });
const HealthBody = shape('Health', {
  status: t.Union([t.Literal('healthy'), t.Literal('degraded'), t.Literal('unhealthy')]),
  service: t.Literal('Demeter'),
  version: t.String(),
  database: t.String(),
  redis: t.String(),
  object_store: t.String(),
  workers: t.Record(t.String(), t.String()),
  reasons: t.Record(t.String(), t.String(), {
    description: 'Why a server is not ready, or not on the provider that was asked for.',
  }),
});

export interface SystemOptions extends HealthOptions {
  /** False until the first inference server has offered a pipeline: photos are answered 503. */
  readonly acceptsPhotos: () => Promise<boolean>;
}

/** Health and metrics at the root, where probes look. */
export function systemRootRoutes(context: CoreContext, options: SystemOptions) {
  const { health, ready } = handlers(context, options);
  const app = rootFeature('System')
    .get('/health', health, {
      open: true,
      response: { 200: HealthBody, 503: HealthBody },
      detail: { summary: 'What works and what does not' },
    })
    .get('/health/live', () => ({ status: 'alive' }), {
      open: true,
      response: { 200: State },
      detail: { summary: 'The process answers' },
    })
    .get('/health/ready', ready, {
      open: true,
      response: { 200: Ready },
      detail: { summary: 'Requests can be served' },
    });
  if (!context.values.ENABLE_METRICS) return app;
  const { registry } = context.metrics;
  return app.get(
    '/metrics',
    async () =>
      new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } }),
    { open: true, detail: { hide: true } },
  );
}

/** The same under the names of the original system, and the stream of events. */
export function systemRoutes(context: CoreContext, options: SystemOptions) {
  const { health, ready } = handlers(context, options);
  return feature('System')
    .get('/health', health, {
      open: true,
      response: { 200: HealthBody, 503: HealthBody },
      detail: { summary: 'What works and what does not' },
    })
    .get('/health/ready', ready, {
      open: true,
      response: { 200: Ready },
      detail: { summary: 'Requests can be served' },
    })
    .get(
      '/events',
      ({ principal }) =>
        new Response(
          createEventStream(context, {
            organisationId: principal.organisationId,
            servers: countActive(options.readWorkers()),
          }),
          { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } },
        ),
      {
        permission: 'photos:read',
        detail: {
          summary: 'Progress as server-sent events',
          description:
            '`event: photo`, `event: server` at first and with every change, `event: rollout` and `event: edge`; a comment every five seconds.',
          responses: {
            200: {
              description: 'A stream that does not end.',
              content: { 'text/event-stream': { schema: { type: 'string' } } },
            },
          },
        },
      },
    );
}

function handlers(context: CoreContext, options: SystemOptions) {
  return {
    health: async ({ set }: { set: { status?: number | string } }): Promise<Health> => {
      const health = await readHealth(context, options);
      if (health.status === 'unhealthy') set.status = 503;
      return health;
    },
    ready: async () => {
      if (context.stopping.aborted) throw new AppError('DRAINING', 'The core is stopping.');
      if (await isReady(context)) {
        return { status: 'ready', accepts_photos: await options.acceptsPhotos() };
      }
      throw new AppError('DATABASE_UNAVAILABLE', 'The database does not answer now.');
    },
  };
}
