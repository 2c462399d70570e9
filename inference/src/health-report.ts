import type { HealthReport, ModelStatus } from '@demeter/proto';
import type { Events } from './events.ts';
import { openNvml } from './model/nvml.ts';
import type { PhotoQueue } from './work/photo-queue.ts';
import type { Shelf } from './work/shelf.ts';

export interface HealthSources {
  readonly serverId: string;
  readonly epoch: string;
  readonly version: string;
  /** Lives of this server's slot before this one. */
  readonly restarts: number;
  /** Why no GPU is tried though one was asked for; empty otherwise. */
  readonly providerReason: string;
  readonly visibleDevices: string | undefined;
  readonly shelf: Shelf;
  readonly queue: PhotoQueue;
  readonly events: Events;
  readonly draining: () => boolean;
  /** Why inference hangs or has broken; empty while it works. */
  readonly hanging: () => string;
}

/** What this server runs on, holds and does, now. */
export function createHealthReport(sources: HealthSources): HealthReport {
  const { shelf, queue, events } = sources;
  const models = shelf.list();
  const running = models.filter((model) => model.state === 'ready');
  const inUse = new Set(running.map((model) => model.loaded.provider));
  const provider = (['tensorrt', 'cuda'] as const).find((gpu) => inUse.has(gpu)) ?? 'cpu';
  const fallback = running.map((model) => model.loaded.reason).find((reason) => reason !== '');
  const draining = sources.draining();
  return {
    server_id: sources.serverId,
    epoch: sources.epoch,
    version: sources.version,
    ready: shelf.ready && !draining && sources.hanging() === '',
    reason: sources.hanging() || shelf.reason || (fallback ?? sources.providerReason),
    provider,
    gpu: provider !== 'cpu' ? readGpu(sources.visibleDevices) : null,
    models: models.map(toModelStatus),
    queued: queue.waiting,
    in_flight: queue.active,
    photos_completed: String(events.completed),
    photos_failed: String(events.failed),
    tiles_completed: String(events.tiles),
    tiles_per_second: events.tilesPerSecond,
    inference_ms_p50: events.inferenceMs(0.5),
    inference_ms_p95: events.inferenceMs(0.95),
    resident_bytes: String(process.memoryUsage.rss()),
    reported_at_ms: String(Date.now()),
    draining,
    provider_reason: fallback ?? sources.providerReason,
    restarts: sources.restarts,
  };
}

function toModelStatus(model: ReturnType<Shelf['list']>[number]): ModelStatus {
  const { spec } = model;
  return {
    name: model.name,
    version: model.version,
    role: spec?.role ?? '',
    task: spec?.task ?? '',
    digest: spec?.digest ?? Buffer.alloc(0),
    state: (
      {
        loading: 'STATE_LOADING',
        ready: 'STATE_READY',
        unloading: 'STATE_UNLOADING',
        unavailable: 'STATE_UNAVAILABLE',
      } as const
    )[model.state],
    reason: model.state === 'unavailable' ? model.reason : '',
    bytes: String(model.state === 'ready' ? model.bytes : 0),
    class_names: [...(spec?.classNames ?? [])],
    tiling: spec?.tiling.mode ?? '',
  };
}

function readGpu(visible: string | undefined): HealthReport['gpu'] {
  const gpu = openNvml()?.read(visible);
  if (!gpu) return null;
  return {
    uuid: gpu.uuid,
    name: gpu.name,
    vram_total_bytes: String(gpu.totalBytes),
    vram_used_bytes: String(gpu.usedBytes),
    vram_free_bytes: String(gpu.freeBytes),
    temperature_celsius: gpu.temperatureCelsius,
    utilization_percent: gpu.utilizationPercent,
  };
}
