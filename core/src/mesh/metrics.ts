import { Counter, type Registry } from 'prom-client';

export interface MeshMetrics {
  /** Late photos that were sent twice, by the copy that answered first. */
  readonly hedges: Counter<'won'>;
  /** Models that the core asked servers to load. */
  readonly loads: Counter<'outcome'>;
}

export function createMeshMetrics(registry: Registry): MeshMetrics {
  const registers = [registry];
  return {
    hedges: new Counter({
      name: 'demeter_mesh_hedges_total',
      help: 'Late photos that were sent to a second server, by the copy that won.',
      labelNames: ['won'],
      registers,
    }),
    loads: new Counter({
      name: 'demeter_mesh_model_loads_total',
      help: 'Models that servers were asked to load because photos needed them.',
      labelNames: ['outcome'],
      registers,
    }),
  };
}
