import type { ModelStatus } from '@demeter/proto';
import type { ModelView } from './residency/entry.ts';

const STATES = {
  unloaded: 'STATE_UNLOADED',
  loading: 'STATE_LOADING',
  ready: 'STATE_READY',
  unloading: 'STATE_UNLOADING',
  unavailable: 'STATE_UNAVAILABLE',
} as const;

/** A version of a model as the contracts name it. */
export function toModelStatus(model: ModelView): ModelStatus {
  const { spec, loaded } = model;
  return {
    name: model.name,
    version: model.version,
    role: spec?.role ?? '',
    task: spec?.task ?? '',
    digest: spec?.digest ?? Buffer.alloc(0),
    state: STATES[model.state],
    reason: model.reason,
    bytes: String(loaded?.bytes ?? 0),
    class_names: [...(spec?.classNames ?? [])],
    tiling: spec?.tiling.mode ?? '',
    provider: loaded?.provider ?? '',
    pinned: model.pinned,
    loaded_at_ms: String(model.loadedAtMs),
    last_used_at_ms: String(model.lastUsedAtMs),
    batch_sizes: [...(loaded?.batchSizes ?? [])],
    sessions: loaded?.sessions ?? 0,
    threads: loaded?.threads ?? 0,
    default_version: model.isDefault,
    images: String(model.images),
    executions: String(model.executions),
  };
}
