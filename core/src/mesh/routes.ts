import { t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { nullable, shape } from '../http/schemas.ts';
import { readQueueSize } from '../queue/lease.ts';
import type { Mesh, ServerStatus } from './mesh.ts';

const Model = t.Object({
  name: t.String(),
  version: t.String(),
  state: t.String(),
  bytes: t.Number(),
});
const Gpu = t.Object({
  uuid: t.String(),
  name: t.String(),
  vram_total_bytes: t.Number(),
  vram_used_bytes: t.Number(),
  vram_free_bytes: t.Number(),
});
const Server = shape('InferenceServer', {
  server_id: t.String(),
  address: t.String(),
  state: t.String(),
  provider: nullable(t.String()),
  gpu: nullable(Gpu),
  ready: t.Boolean(),
  reason: t.String(),
  models: t.Array(Model),
  queued: t.Integer(),
  in_flight: t.Integer(),
  tiles_per_second: t.Number(),
  breaker: t.String(),
});
const MeshBody = shape('Mesh', {
  servers: t.Array(Server),
  queue: t.Object({ waiting: t.Integer(), leased: t.Integer() }),
});

/** Which inference servers there are, and what waits for them. */
export function meshRoutes({ db }: Pick<CoreContext, 'db'>, mesh: Mesh) {
  return feature('System').get(
    '/system/mesh',
    async () => ({ servers: mesh.status().map(toServer), queue: await readQueueSize(db) }),
    {
      permission: 'system:read',
      response: { 200: MeshBody },
      detail: { summary: 'Inference servers and the queue' },
    },
  );
}

function toServer({ serverId, address, state, breaker, inFlight, report }: ServerStatus) {
  const gpu = report?.gpu;
  return {
    server_id: serverId,
    address,
    state,
    provider: report?.provider ?? null,
    gpu: gpu
      ? {
          uuid: gpu.uuid,
          name: gpu.name,
          vram_total_bytes: Number(gpu.vram_total_bytes),
          vram_used_bytes: Number(gpu.vram_used_bytes),
          vram_free_bytes: Number(gpu.vram_free_bytes),
        }
      : null,
    ready: report?.ready ?? false,
    reason: report?.reason ?? '',
    models: (report?.models ?? []).map((model) => ({
      name: model.name,
      version: model.version,
      state: model.state.replace('STATE_', '').toLowerCase(),
      bytes: Number(model.bytes),
    })),
    queued: report?.queued ?? 0,
    in_flight: inFlight,
    tiles_per_second: report?.tiles_per_second ?? 0,
    breaker,
  };
}
