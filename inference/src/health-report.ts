import type { HealthReport } from '@demeter/proto';
import type { Events } from './events.ts';
import type { Memory, MemorySource } from './model/memory.ts';
import type { Nvml } from './model/nvml.ts';
import type { Provider } from './model/session-protocol.ts';
import type { Strangers } from './model/strangers.ts';
import { toModelStatus } from './model-status.ts';
import type { Readiness } from './readiness.ts';
import type { ModelView } from './residency/entry.ts';
import type { Shelf } from './residency/shelf.ts';
import type { PhotoQueue } from './work/photo-queue.ts';

export interface HealthSources {
  readonly serverId: string;
  readonly epoch: string;
  readonly version: string;
  /** Lives of this server's slot before this one. */
  readonly restarts: number;
  /** What was chosen at the start, best first. */
  readonly providers: readonly Provider[];
  /** Why no GPU is among them though one was asked for; empty otherwise. */
  readonly providerReason: string;
  readonly nvml: Nvml | null;
  readonly visibleDevices: string | undefined;
  readonly strangers: Strangers;
  readonly shelf: Shelf;
  readonly memory: MemorySource;
  readonly queue: PhotoQueue;
  readonly events: Events;
  readonly readiness: Pick<Readiness, 'ready' | 'hanging' | 'draining'>;
}

/** What this server runs on, holds and does, now. */
export function createHealthReport(sources: HealthSources): HealthReport {
  const { shelf, queue, events, readiness } = sources;
  const models = shelf.list();
  const running = models.flatMap(({ loaded }) => loaded ?? []);
  const [chosen = 'cpu'] = sources.providers;
  const inUse = new Set(running.length === 0 ? [chosen] : running.map((each) => each.provider));
  const provider = (['tensorrt', 'cuda'] as const).find((gpu) => inUse.has(gpu)) ?? 'cpu';
  const fallback = running.map(({ reason }) => reason).find((reason) => reason !== '');
  return {
    server_id: sources.serverId,
    epoch: sources.epoch,
    version: sources.version,
    ready: readiness.ready,
    reason: readiness.hanging || shelf.reason || (fallback ?? sources.providerReason),
    provider,
    gpu: chosen === 'cpu' ? null : readGpu(sources),
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
    draining: readiness.draining,
    provider_reason: fallback ?? sources.providerReason,
    restarts: sources.restarts,
    memory: toMemory(sources.memory.last(), models),
    evictions: String(shelf.loader.evictions),
    fallbacks: String(shelf.loader.fallbacks),
    oldest_queued_ms: Math.round(queue.oldestMs),
    photos_per_second: events.photosPerSecond,
    queue_ms_p50: events.queueMs(0.5),
    queue_ms_p95: events.queueMs(0.95),
  };
}

/** What admission decides by; what is used beyond the models is runtime, arenas, other processes. */
function toMemory({ kind, totalBytes, usedBytes }: Memory, models: readonly ModelView[]) {
  const modelsBytes = models.reduce(
    (sum, { loaded, counted }) => sum + (counted ? (loaded?.bytes ?? 0) : 0),
    0,
  );
  return {
    kind: kind === 'vram' ? ('KIND_VRAM' as const) : ('KIND_RESIDENT' as const),
    total_bytes: String(totalBytes),
    used_bytes: String(usedBytes),
    free_bytes: String(Math.max(0, totalBytes - usedBytes)),
    models_bytes: String(modelsBytes),
    other_bytes: String(Math.max(0, usedBytes - modelsBytes)),
  };
}

function readGpu({ nvml, visibleDevices, strangers }: HealthSources): HealthReport['gpu'] {
  const gpu = nvml?.read(visibleDevices);
  if (!gpu) return null;
  return {
    uuid: gpu.uuid,
    name: gpu.name,
    vram_total_bytes: String(gpu.totalBytes),
    vram_used_bytes: String(gpu.usedBytes),
    vram_free_bytes: String(gpu.freeBytes),
    temperature_celsius: gpu.temperatureCelsius,
    utilization_percent: gpu.utilizationPercent,
    power_watts: gpu.powerWatts,
    other_pids: [...strangers.on(gpu)],
  };
}
