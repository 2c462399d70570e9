/** What the health report says, as metrics: the GPU under Triton's names, the rest under ours. */
import type { HealthReport } from '@demeter/proto';
import { Counter, Gauge, type Registry } from 'prom-client';

type Samples = readonly { readonly labels?: Record<string, string>; readonly value: number }[];

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** None where there is nothing to say. */
  readonly read: (report: HealthReport) => Samples;
}

const GAUGES: readonly Metric[] = [
  ofGpu('utilization', 'Share of the time that the GPU was busy, 0–1.', (gpu) => {
    return (gpu.utilization_percent ?? 0) / 100;
  }),
  ofGpu('memory_used_bytes', 'VRAM in use.', (gpu) => Number(gpu.vram_used_bytes)),
  ofGpu('memory_total_bytes', 'VRAM there is.', (gpu) => Number(gpu.vram_total_bytes)),
  ofGpu('power_usage', 'Watts.', (gpu) => Number(gpu.power_watts ?? 0)),
  {
    name: 'demeter_inference_gpu_other_processes',
    help: 'Processes that compute on the GPU without its lock.',
    labels: ['gpu_uuid'],
    read: ({ gpu }) =>
      gpu ? [{ labels: { gpu_uuid: gpu.uuid ?? '' }, value: gpu.other_pids?.length ?? 0 }] : [],
  },
  {
    name: 'demeter_inference_model_bytes',
    help: 'Memory of a model, measured around its load: VRAM on a GPU, else resident.',
    labels: ['model', 'version', 'provider'],
    read: ({ models = [] }) =>
      models
        .filter(({ state }) => state === 'STATE_READY')
        .map(({ name = '', version = '', provider = '', bytes }) => ({
          labels: { model: name, version, provider },
          value: Number(bytes),
        })),
  },
  {
    name: 'demeter_inference_memory_bytes',
    help: 'What admission decides by: VRAM, or the budget of resident memory.',
    labels: ['part'],
    read: ({ memory }) =>
      (['total', 'used', 'free', 'models', 'other'] as const).map((part) => ({
        labels: { part },
        value: Number(memory?.[`${part}_bytes`] ?? 0),
      })),
  },
  ofReport('demeter_inference_oldest_queued_seconds', 'Longest-waiting photo.', (report) => {
    return (report.oldest_queued_ms ?? 0) / 1000;
  }),
  ofReport('demeter_inference_ready', '1 while work is taken.', ({ ready }) => Number(ready)),
];

const COUNTERS: readonly Metric[] = [
  ofReport('demeter_inference_evictions_total', 'Models unloaded to make room.', (report) => {
    return Number(report.evictions);
  }),
  ofReport('demeter_inference_fallbacks_total', 'Models put on the CPU for want of VRAM.', (r) => {
    return Number(r.fallbacks);
  }),
];

export function addReportMetrics(registry: Registry, report: () => HealthReport): void {
  for (const { name, help, labels = [], read } of GAUGES) {
    new Gauge({
      ...{ name, help, labelNames: labels, registers: [registry] },
      collect() {
        this.reset();
        for (const { labels: of = {}, value } of read(report())) this.set(of, value);
      },
    });
  }
  for (const { name, help, labels = [], read } of COUNTERS) {
    new Counter({
      ...{ name, help, labelNames: labels, registers: [registry] },
      collect() {
        this.reset();
        for (const { labels: of = {}, value } of read(report())) this.inc(of, value);
      },
    });
  }
}

type Gpu = NonNullable<HealthReport['gpu']>;

function ofGpu(name: string, help: string, value: (gpu: Gpu) => number): Metric {
  return {
    ...{ name: `nv_gpu_${name}`, help, labels: ['gpu_uuid'] },
    read: ({ gpu }) => (gpu ? [{ labels: { gpu_uuid: gpu.uuid ?? '' }, value: value(gpu) }] : []),
  };
}

function ofReport(name: string, help: string, value: (report: HealthReport) => number): Metric {
  return { name, help, read: (report) => [{ value: value(report) }] };
}
