import { expect, test } from 'bun:test';
import { Registry } from 'prom-client';
import { addReportMetrics } from './report-metrics.ts';

test("a GPU's reading has Triton's names and units; without a GPU there is none", async () => {
  const registry = new Registry();
  const gpu = {
    uuid: 'GPU-1',
    vram_used_bytes: '3000000000',
    vram_total_bytes: '24000000000',
    utilization_percent: 87,
    power_watts: 310.25,
    other_pids: [4711, 815],
  };
  let report: Parameters<typeof addReportMetrics>[1] = () => ({ gpu });
  addReportMetrics(registry, () => report());
  const metrics = await registry.metrics();
  for (const line of [
    'nv_gpu_utilization{gpu_uuid="GPU-1"} 0.87',
    'nv_gpu_memory_used_bytes{gpu_uuid="GPU-1"} 3000000000',
    'nv_gpu_memory_total_bytes{gpu_uuid="GPU-1"} 24000000000',
    'nv_gpu_power_usage{gpu_uuid="GPU-1"} 310.25',
    'demeter_inference_gpu_other_processes{gpu_uuid="GPU-1"} 2',
  ]) {
    expect(metrics).toContain(`${line}\n`);
  }
  report = () => ({ gpu: null });
  expect(await registry.metrics()).not.toContain('gpu_uuid');
});
