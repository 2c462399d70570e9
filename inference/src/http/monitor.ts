import { AppError } from '@demeter/common/errors';
import type { HealthReport } from '@demeter/proto';
import type { Events } from '../events.ts';

export interface MonitorOptions {
  readonly host: string;
  readonly port: number;
  readonly metricsEnabled: boolean;
  readonly events: Events;
  readonly report: () => HealthReport;
  /** Why the process should be killed; empty while it lives. */
  readonly hanging: () => string;
}

/** Serves /health/live, /health/ready and /metrics. Throws INVALID_SETTING. */
export function serveMonitor(options: MonitorOptions): Bun.Server<undefined> {
  try {
    return serve(options);
  } catch (cause) {
    throw new AppError('INVALID_SETTING', `${options.host}:${options.port} cannot be bound.`, {
      field: 'DEMETER_INFERENCE_METRICS_PORT',
      hint: 'Another process listens there, or the address is not of this machine.',
      cause,
    });
  }
}

function serve(options: MonitorOptions): Bun.Server<undefined> {
  const { host, port, events, report, hanging } = options;
  return Bun.serve({
    hostname: host,
    port,
    idleTimeout: 30,
    routes: {
      // What the supervisor decides by: whether to kill, and whether to recycle.
      '/health/live': () => {
        const { photos_completed, photos_failed, resident_bytes } = report();
        const photos = Number(photos_completed) + Number(photos_failed);
        const usage = { photos, resident_bytes: Number(resident_bytes) };
        return answer(hanging() === '', hanging(), usage);
      },
      '/health/ready': () => {
        const { ready, reason } = report();
        return answer(ready === true, reason ?? '');
      },
      '/metrics': async () =>
        options.metricsEnabled
          ? new Response(await events.registry.metrics(), {
              headers: { 'content-type': events.registry.contentType },
            })
          : new Response('Metrics are off (ENABLE_METRICS).', { status: 404 }),
    },
    fetch: () => new Response('Not found.', { status: 404 }),
  });
}

function answer(good: boolean, reason: string, more: object = {}): Response {
  return Response.json(
    { status: good ? 'ok' : 'unavailable', reason, ...more },
    { status: good ? 200 : 503 },
  );
}
