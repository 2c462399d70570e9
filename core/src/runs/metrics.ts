import type { Result__Output } from '@demeter/proto';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CoreContext } from '../context.ts';
import { readQueueSize } from '../queue/lease.ts';
import { countActiveSessions } from './active-sessions.ts';
import { isDefaultUsed } from './partitions.ts';

export interface RunMetrics {
  readonly failures: Counter<'code'>;
  observe(result: Result__Output): void;
}

/** Counting rows costs the database; scrapes closer together get the numbers of before. */
const FRESH_MS = 10_000;

/** Metrics of queue, sessions and counting; names of the original system are kept. */
export function createRunMetrics(
  { db, log }: Pick<CoreContext, 'db' | 'log'>,
  registry: Registry,
): RunMetrics {
  const registers = [registry];
  const duration = new Histogram({
    name: 'demeter_ml_inference_duration_seconds',
    help: 'Seconds of the models alone, for one photo.',
    labelNames: ['provider'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  const failures = new Counter({
    name: 'demeter_run_failures_total',
    help: 'Tries at counting a photo that failed.',
    labelNames: ['code'],
    registers,
  });
  const queue = new Gauge({
    name: 'queue_size',
    help: 'Runs to be made.',
    labelNames: ['state'],
    registers,
    collect: () => fresh(),
  });
  const sessions = new Gauge({
    name: 'demeter_active_photo_sessions',
    help: 'Sessions not counted yet.',
    registers,
  });
  const alarm = new Gauge({
    name: 'demeter_detections_default_partition_used',
    help: '1: a partition of detections is missing; rows went to the one of last resort.',
    registers,
  });
  const refresh = async () => {
    // One after the other: the embedded database has one session.
    const { waiting, leased } = await readQueueSize(db);
    queue.set({ state: 'waiting' }, waiting);
    queue.set({ state: 'leased' }, leased);
    sessions.set(await countActiveSessions(db));
    alarm.set((await isDefaultUsed(db)) ? 1 : 0);
  };
  let readAt = Number.NEGATIVE_INFINITY;
  const fresh = async () => {
    if (performance.now() - readAt < FRESH_MS) return;
    readAt = performance.now();
    await refresh().catch((error: unknown) => log.debug({ err: error }, 'no queue metrics now'));
  };
  return {
    failures,
    observe: ({ provider, timings }) =>
      duration.observe({ provider: provider || 'unknown' }, (timings?.inference_ms ?? 0) / 1000),
  };
}
