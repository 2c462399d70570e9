import type { HealthReport__Output } from '@demeter/proto';
import type { ModelRef } from './placement.ts';

export type ModelState = HealthReport__Output['models'][number]['state'];

/** Models that a report shows in this state; null: in any but unavailable, which no photo waits for. */
export function modelsIn(
  report: HealthReport__Output | undefined,
  state: ModelState | null = 'STATE_READY',
): ModelRef[] {
  return (report?.models ?? [])
    .filter((model) =>
      state === null ? model.state !== 'STATE_UNAVAILABLE' : model.state === state,
    )
    .map((model) => ({
      name: model.name,
      version: model.version,
      digest: model.digest.toString('hex'),
    }));
}
