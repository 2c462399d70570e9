import { availableParallelism } from 'node:os';
import type { InferenceConfig } from '../config.ts';
import type { GpuReading, Nvml } from '../model/nvml.ts';

/** One place for a server: a GPU, or a share of the CPU. */
export interface Slot {
  readonly name: string;
  /** A GPU has room for one server only: the next one starts when the one before has ended. */
  readonly exclusive: boolean;
  readonly env: Readonly<Record<string, string>>;
}

/** One slot for each GPU that may be used; without any, DEMETER_INFERENCE_COUNT on the CPU. */
export function planSlots(config: InferenceConfig, nvml: Nvml | null): readonly Slot[] {
  const gpus = config.gpu === 'false' ? [] : visible(nvml, config.visibleDevices);
  const port = (first: number, index: number) => String(first === 0 ? 0 : first + index);
  const ports = (index: number) => ({
    DEMETER_INFERENCE_PORT: port(config.grpcPort, index),
    DEMETER_INFERENCE_METRICS_PORT: port(config.metricsPort, index),
  });
  if (gpus.length > 0) {
    return gpus.map((gpu, index) => ({
      name: gpu.uuid,
      exclusive: true,
      env: { ...ports(index), CUDA_VISIBLE_DEVICES: gpu.uuid },
    }));
  }
  const count = config.values.DEMETER_INFERENCE_COUNT;
  const cores = config.values.DEMETER_INFERENCE_THREADS || availableParallelism();
  const threads = String(Math.max(1, Math.floor(cores / count)));
  return Array.from({ length: count }, (_, index) => ({
    name: `cpu-${index}`,
    exclusive: false,
    env: { ...ports(index), DEMETER_INFERENCE_THREADS: threads },
  }));
}

/** What `names` (indexes, UUIDs) name; unset: all GPUs. A MIG slice is in no list, only found by its UUID. */
function visible(nvml: Nvml | null, names: string | undefined): readonly GpuReading[] {
  if (!names) return nvml?.list() ?? [];
  const wanted = names
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const found = wanted.flatMap((name) => nvml?.read(name) ?? []);
  return [...new Map(found.map((gpu) => [gpu.uuid, gpu])).values()];
}
