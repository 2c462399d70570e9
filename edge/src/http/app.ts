import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { isLoopback } from '@demeter/common/loopback';
import { Elysia } from 'elysia';
import type { Events } from '../events.ts';
import { correlationIdOf } from './arrival.ts';
import { type Asked, type Condition, healthRoutes } from './health.ts';
import { type PageOptions, pageRoutes } from './page.ts';
import { type PhotosOptions, photoRoutes } from './photos.ts';
import { toErrorResponse } from './problem.ts';

export interface AppOptions {
  readonly photos: PhotosOptions;
  readonly page: PageOptions;
  readonly condition: Condition;
  readonly events: Events;
  readonly log: Logger;
  readonly metrics: { readonly enabled: boolean; readonly everywhere: boolean };
}

/** Ways by which a photo comes. */
const TAKES_PHOTOS = new Set(['POST /photos', 'POST /uploads', 'PATCH /uploads/:id']);

/** The whole HTTP side, without a port. */
export function createApp({ photos, page, condition, events, log, metrics }: AppOptions) {
  const started = new WeakMap<Request, number>();
  const measure = (request: Request, handler: string, status: number) => {
    const begin = started.get(request);
    // An error is counted where it is answered, and not again after its answer.
    if (begin === undefined) return;
    started.delete(request);
    const labels = { handler: handler === '' ? 'none' : handler, method: request.method };
    events.httpRequests.inc({ ...labels, status: String(status) });
    events.httpDuration.observe(labels, (performance.now() - begin) / 1000);
  };
  const mayReadAll = ({ request, server }: Asked) =>
    metrics.everywhere || isLoopback(server?.requestIP(request)?.address ?? '');
  return new Elysia()
    .onRequest(({ request, set }) => {
      started.set(request, performance.now());
      set.headers['x-correlation-id'] = correlationIdOf(request);
    })
    .onError({ as: 'global' }, ({ error, request, route, path }) => {
      const { response, code } = toErrorResponse(error, correlationIdOf(request), log);
      if (TAKES_PHOTOS.has(`${request.method} ${route}`)) events.refused.inc({ code });
      measure(request, route ?? '', response.status);
      const status = response.status;
      const correlation_id = correlationIdOf(request);
      const fields = { code, status, method: request.method, path, correlation_id };
      log[status >= 500 ? 'error' : 'info'](fields, 'refused');
      return response;
    })
    .onAfterResponse({ as: 'global' }, ({ request, route, set }) => {
      measure(request, route, typeof set.status === 'number' ? set.status : 200);
    })
    .use(photoRoutes(photos))
    .use(pageRoutes(page))
    .use(healthRoutes(condition, mayReadAll))
    .get('/metrics', async (asked) => {
      if (!metrics.enabled || !mayReadAll(asked)) {
        throw new AppError('NOT_FOUND', 'There is nothing at this address.');
      }
      return new Response(await events.registry.metrics(), {
        headers: { 'content-type': events.registry.contentType },
      });
    });
}
