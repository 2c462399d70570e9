import type { HealthReport__Output, ModelStatus__Output } from '@demeter/proto';
import { type Static, t } from 'elysia';
import { nullable, shape, Time } from '../http/schemas.ts';
import type { ServerStatus } from './mesh.ts';

/** Shapes of inference servers in the API. Bytes, milliseconds and rates are plain numbers. */

const Bytes = t.Number({ description: 'Bytes.' });

export const Memory = shape('ServerMemory', {
  kind: t.String({ description: 'vram, or resident: a budget of memory where there is no GPU' }),
  total_bytes: Bytes,
  used_bytes: Bytes,
  free_bytes: Bytes,
  models_bytes: Bytes,
  other_bytes: Bytes,
});

export const Gpu = shape('Gpu', {
  uuid: t.String(),
  name: t.String(),
  vram_total_bytes: Bytes,
  vram_used_bytes: Bytes,
  vram_free_bytes: Bytes,
  temperature_celsius: t.Number(),
  utilization_percent: t.Number(),
  other_pids: t.Array(t.Integer(), {
    description: 'Processes that compute on it without holding its lock: not ours.',
  }),
});

export const ServerModel = shape('ServerModel', {
  name: t.String(),
  version: t.String(),
  role: t.String(),
  task: t.String(),
  digest: t.String({ description: 'SHA-256 of the file.' }),
  state: t.String({ description: 'unloaded, loading, ready, unloading, unavailable, unspecified' }),
  reason: t.String({ description: 'Why it is unavailable.' }),
  provider: t.String({ description: 'Where it runs; empty while it does not.' }),
  bytes: Bytes,
  pinned: t.Boolean(),
  default_version: t.Boolean(),
  loaded_at: nullable(Time),
  last_used_at: nullable(Time),
  batch_sizes: t.Array(t.Integer()),
  sessions: t.Integer(),
  threads: t.Integer(),
  images: t.Number({ description: 'Images run.' }),
  executions: t.Number({ description: 'Runs; images by runs is the mean batch.' }),
});

export const Server = shape('InferenceServer', {
  server_id: t.String(),
  address: t.String(),
  state: t.String({ description: 'dialling, connected, draining, waiting, closed' }),
  version: t.String(),
  ready: t.Boolean(),
  reason: t.String({ description: 'Why it is not ready.' }),
  provider: nullable(t.String({ description: 'tensorrt, cuda or cpu' })),
  provider_reason: t.String({ description: 'Why the best provider is not the one in use.' }),
  gpu: nullable(Gpu),
  memory: nullable(Memory),
  resident_bytes: Bytes,
  models: t.Array(ServerModel),
  queued: t.Integer({ description: 'Photos that wait at the server.' }),
  in_flight: t.Integer({ description: 'Photos that this core has sent and that are unanswered.' }),
  oldest_queued_ms: t.Number(),
  photos_completed: t.Number(),
  photos_failed: t.Number(),
  photos_per_second: t.Number(),
  tiles_per_second: t.Number({ description: 'Over the last minute; 0 when idle.' }),
  measured_tiles_per_second: t.Number({
    description: 'In a second of work, as this core has measured it; placement goes by it.',
  }),
  queue_ms_p50: t.Number(),
  queue_ms_p95: t.Number(),
  inference_ms_p50: t.Number(),
  inference_ms_p95: t.Number(),
  evictions: t.Number(),
  fallbacks: t.Number(),
  restarts: t.Number(),
  breaker: t.String({
    description:
      'closed: it gets photos; open: after failures it gets none; half-open: one, to see',
  }),
  reported_at: nullable(Time),
});
export type ServerBody = Static<typeof Server>;

export function toServer(status: ServerStatus): ServerBody {
  const { serverId, address, state, breaker, inFlight, tilesPerSecond, report } = status;
  return {
    server_id: serverId,
    address,
    state,
    version: report?.version ?? '',
    ready: report?.ready ?? false,
    reason: report?.reason ?? '',
    provider: report?.provider ?? null,
    provider_reason: report?.provider_reason ?? '',
    gpu: toGpu(report),
    memory: toMemory(report),
    resident_bytes: Number(report?.resident_bytes ?? 0),
    models: (report?.models ?? []).map(toModel),
    queued: report?.queued ?? 0,
    in_flight: inFlight,
    oldest_queued_ms: report?.oldest_queued_ms ?? 0,
    photos_completed: Number(report?.photos_completed ?? 0),
    photos_failed: Number(report?.photos_failed ?? 0),
    photos_per_second: report?.photos_per_second ?? 0,
    tiles_per_second: report?.tiles_per_second ?? 0,
    measured_tiles_per_second: tilesPerSecond,
    queue_ms_p50: report?.queue_ms_p50 ?? 0,
    queue_ms_p95: report?.queue_ms_p95 ?? 0,
    inference_ms_p50: report?.inference_ms_p50 ?? 0,
    inference_ms_p95: report?.inference_ms_p95 ?? 0,
    evictions: Number(report?.evictions ?? 0),
    fallbacks: Number(report?.fallbacks ?? 0),
    restarts: report?.restarts ?? 0,
    breaker,
    reported_at: toTime(report?.reported_at_ms),
  };
}

export function toModel(model: ModelStatus__Output): Static<typeof ServerModel> {
  const { name, version, role, task, reason, provider, pinned, default_version } = model;
  return {
    ...{ name, version, role, task, reason, provider, pinned, default_version },
    digest: model.digest.toString('hex'),
    state: model.state.replace('STATE_', '').toLowerCase(),
    bytes: Number(model.bytes),
    loaded_at: toTime(model.loaded_at_ms),
    last_used_at: toTime(model.last_used_at_ms),
    batch_sizes: [...model.batch_sizes],
    sessions: model.sessions,
    threads: model.threads,
    images: Number(model.images),
    executions: Number(model.executions),
  };
}

function toGpu(report: HealthReport__Output | undefined): Static<typeof Gpu> | null {
  const gpu = report?.gpu;
  if (!gpu) return null;
  const { uuid, name, temperature_celsius, utilization_percent } = gpu;
  return {
    ...{ uuid, name, temperature_celsius, utilization_percent },
    vram_total_bytes: Number(gpu.vram_total_bytes),
    vram_used_bytes: Number(gpu.vram_used_bytes),
    vram_free_bytes: Number(gpu.vram_free_bytes),
    other_pids: [...gpu.other_pids],
  };
}

function toMemory(report: HealthReport__Output | undefined): Static<typeof Memory> | null {
  const memory = report?.memory;
  if (!memory) return null;
  return {
    kind: memory.kind === 'KIND_VRAM' ? 'vram' : 'resident',
    total_bytes: Number(memory.total_bytes),
    used_bytes: Number(memory.used_bytes),
    free_bytes: Number(memory.free_bytes),
    models_bytes: Number(memory.models_bytes),
    other_bytes: Number(memory.other_bytes),
  };
}

/** 0 is never. */
function toTime(ms: string | undefined): string | null {
  return Number(ms ?? 0) > 0 ? new Date(Number(ms)).toISOString() : null;
}
