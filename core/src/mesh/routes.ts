import { t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { nullable, shape } from '../http/schemas.ts';
import { readQueueSize } from '../queue/lease.ts';
import type { Mesh } from './mesh.ts';
import { Gpu, Memory, Server, ServerModel, toServer } from './server-body.ts';

const MeshBody = shape('Mesh', {
  servers: t.Array(Server),
  queue: t.Object({ waiting: t.Integer(), leased: t.Integer() }),
  photos_per_second: t.Number({ description: 'Of all servers, over the last minute.' }),
  tiles_per_second: t.Number(),
});

const Vram = shape('Vram', {
  servers: t.Array(
    shape('ServerVram', {
      server_id: t.String(),
      gpu: nullable(Gpu),
      memory: nullable(Memory),
      models: t.Array(
        t.Object({
          name: t.String(),
          version: t.String(),
          bytes: t.Number(),
          pinned: t.Boolean(),
        }),
      ),
    }),
  ),
});

const MemoryProfile = shape('MemoryProfile', {
  core: t.Object({
    resident_bytes: t.Number(),
    heap_used_bytes: t.Number(),
    heap_total_bytes: t.Number(),
    external_bytes: t.Number(),
    array_buffers_bytes: t.Number(),
  }),
  servers: t.Array(
    shape('ServerMemoryProfile', {
      server_id: t.String(),
      resident_bytes: t.Number(),
      memory: nullable(Memory),
      evictions: t.Number(),
      models: t.Array(ServerModel),
    }),
  ),
});

/** Which inference servers there are, what they hold, and what waits for them. */
export function meshRoutes({ db }: Pick<CoreContext, 'db'>, mesh: Mesh) {
  const servers = () => mesh.status().map(toServer);
  return feature('System')
    .get(
      '/system/mesh',
      async () => {
        const all = servers();
        const sum = (rate: 'photos_per_second' | 'tiles_per_second') =>
          all.reduce((total, server) => total + server[rate], 0);
        return {
          servers: all,
          queue: await readQueueSize(db),
          photos_per_second: sum('photos_per_second'),
          tiles_per_second: sum('tiles_per_second'),
        };
      },
      {
        permission: 'system:read',
        response: { 200: MeshBody },
        detail: { summary: 'Inference servers and the queue' },
      },
    )
    .get(
      '/system/vram',
      () => ({
        servers: servers().map(({ server_id, gpu, memory, models }) => ({
          ...{ server_id, gpu, memory },
          models: models
            .filter(({ bytes }) => bytes > 0)
            .map(({ name, version, bytes, pinned }) => ({ name, version, bytes, pinned })),
        })),
      }),
      {
        permission: 'system:read',
        response: { 200: Vram },
        detail: {
          summary: 'The memory that models take, by server',
          description: 'Without a GPU the same of its budget of resident memory.',
        },
      },
    )
    .get(
      '/system/memory-profile',
      () => {
        const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
        return {
          core: {
            resident_bytes: rss,
            heap_used_bytes: heapUsed,
            heap_total_bytes: heapTotal,
            external_bytes: external,
            array_buffers_bytes: arrayBuffers,
          },
          servers: servers().map(({ server_id, resident_bytes, memory, evictions, models }) => ({
            ...{ server_id, resident_bytes, memory, evictions, models },
          })),
        };
      },
      {
        permission: 'system:read',
        response: { 200: MemoryProfile },
        detail: { summary: 'Memory of this core and of each inference server' },
      },
    );
}
