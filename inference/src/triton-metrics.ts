/** Metrics under the names that dashboards for Triton know, where their meaning fits. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { ModelStatistics, Statistics } from './statistics.ts';

const US_PER_MS = 1000;
const MODEL = ['model', 'version'] as const;

/** What a model has done so far, by metric: name, help, value. Times are sums in microseconds. */
const COUNTERS: readonly [name: string, help: string, read: (stats: ModelStatistics) => number][] =
  [
    ['request_success', 'Requests answered.', (s) => s.success.count],
    ['count', 'Images run; a batch of n counts n times.', (s) => s.images],
    ['exec_count', 'Runs of the session; a batch counts once.', (s) => s.executions],
    ['request_duration_us', 'From arrival to answer.', (s) => s.success.ms * US_PER_MS],
    ['queue_duration_us', 'Waiting.', (s) => s.queue.ms * US_PER_MS],
    ['compute_input_duration_us', 'Decoding and filling inputs.', (s) => s.input.ms * US_PER_MS],
    ['compute_infer_duration_us', 'In the session.', (s) => s.infer.ms * US_PER_MS],
    ['compute_output_duration_us', 'Merging and encoding.', (s) => s.output.ms * US_PER_MS],
  ];

export function addModelMetrics(registry: Registry, statistics: Statistics): void {
  for (const [name, help, read] of COUNTERS) {
    new Counter({
      name: `nv_inference_${name}`,
      help,
      labelNames: MODEL,
      registers: [registry],
      collect() {
        this.reset();
        for (const stats of statistics.all()) this.inc(labelsOf(stats), read(stats));
      },
    });
  }
  new Counter({
    name: 'nv_inference_request_failure',
    help: 'Requests that failed: REJECTED (too many), CANCELED, BACKEND (the session), OTHER.',
    labelNames: [...MODEL, 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const stats of statistics.all()) {
        for (const [reason, count] of stats.failures) {
          this.inc({ ...labelsOf(stats), reason }, count);
        }
      }
    },
  });
  new Gauge({
    name: 'nv_inference_pending_request_count',
    help: 'Requests here that are not answered.',
    labelNames: MODEL,
    registers: [registry],
    collect() {
      this.reset();
      for (const stats of statistics.all()) this.set(labelsOf(stats), stats.pending);
    },
  });
}

function labelsOf({ name, version }: ModelStatistics) {
  return { model: name, version };
}
