import type { Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { modelKey } from '../model/model-spec.ts';
import type { Readiness } from '../readiness.ts';
import type { ModelView } from '../residency/entry.ts';

/** grpc.health.v1: the server under the empty name, and `model/<name>/<version>` by its state. */
export class HealthStates {
  readonly #health = new HealthImplementation({ '': 'NOT_SERVING' });
  readonly #told = new Map<string, boolean>();

  addTo(server: Server): void {
    this.#health.addToServer(server);
  }

  update(readiness: Pick<Readiness, 'ready' | 'serves'>, models: readonly ModelView[]): void {
    const states = new Map([['', readiness.ready]]);
    for (const model of models) states.set(`model/${modelKey(model)}`, readiness.serves(model));
    // Who watches a version that is gone is told so; a library that forgets would be silent.
    for (const service of this.#told.keys()) {
      if (!states.has(service)) states.set(service, false);
    }
    for (const [service, state] of states) {
      if (this.#told.get(service) === state) continue;
      this.#told.set(service, state);
      this.#health.setStatus(service, state ? 'SERVING' : 'NOT_SERVING');
    }
  }
}
