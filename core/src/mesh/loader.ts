import type { Clock } from '@demeter/common/clock';
import { toAppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import type { Mesh } from './mesh.ts';
import type { MeshMetrics } from './metrics.ts';
import { type ModelRef, type PlacementNeed, placeLoad, type ServerView } from './placement.ts';

/** A server that could not load a model is asked for it again after this. */
const REFUSED_MS = 30_000;

export interface LoaderOptions {
  readonly mesh: Mesh;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MeshMetrics;
}

/**
 * Asks servers to load models that photos wait for. Which server is decided here; room is made, or
 * the load refused, there and in one step, so that two cores that ask at once do no harm.
 */
export class ModelLoader {
  /** `server model` → asked now (Infinity), or refused until (monotonic ms). */
  readonly #asked = new Map<string, number>();

  constructor(private readonly options: LoaderOptions) {}

  /**
   * True: a server loads what is needed, or was asked to. `evict` false: only where it fits
   * beside what is loaded, for work that another server could do a little later.
   */
  want(need: PlacementNeed, { evict }: { readonly evict: boolean }): boolean {
    const { mesh } = this.options;
    const views = mesh.connected().map((endpoint) => this.#view(endpoint.view()));
    const choice = placeLoad(need, views, { bytes: mesh.measuredBytes(need.models), evict });
    if (choice.kind === 'load') {
      for (const model of choice.models) void this.#load(choice.serverId, model);
    }
    return choice.kind !== 'none';
  }

  /** As the server says, but what it was asked for counts as loading, what it refused as absent. */
  #view(view: ServerView): ServerView {
    const now = this.options.clock.monotonic();
    const until = (model: ModelRef) => this.#asked.get(keyOf(view.serverId, model)) ?? 0;
    const asked = view.unloaded.filter((model) => until(model) === Number.POSITIVE_INFINITY);
    return {
      ...view,
      loading: [...view.loading, ...asked],
      unloaded: view.unloaded.filter((model) => until(model) <= now),
    };
  }

  async #load(serverId: string, model: ModelRef): Promise<void> {
    const { mesh, log, clock, metrics } = this.options;
    const key = keyOf(serverId, model);
    const fields = { server_id: serverId, model: model.name, version: model.version };
    this.#asked.set(key, Number.POSITIVE_INFINITY);
    try {
      await mesh.administer(serverId, (admin) => admin.load(model));
      this.#asked.delete(key);
      metrics.loads.inc({ outcome: 'loaded' });
      log.info(fields, 'model loaded because photos need it');
    } catch (error) {
      this.#asked.set(key, clock.monotonic() + REFUSED_MS);
      metrics.loads.inc({ outcome: 'refused' });
      const { code, message } = toAppError(error);
      log.warn({ ...fields, code, reason: message }, 'the server did not load the model');
    }
  }
}

function keyOf(serverId: string, model: ModelRef): string {
  return `${serverId} ${model.digest} ${model.name}/${model.version}`;
}
