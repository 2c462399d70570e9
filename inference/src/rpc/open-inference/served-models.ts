import { AppError } from '@demeter/common/errors';
import type { ModelSpec } from '../../model/model-spec.ts';
import type { Provider, RanTensors } from '../../model/session-protocol.ts';
import type { NamedTensor } from '../../model/tensors.ts';
import type { Shelf } from '../../work/shelf.ts';

/** One version in the repository. */
export interface ServedModel {
  readonly name: string;
  readonly version: string;
  readonly state: 'unloaded' | 'loading' | 'ready' | 'unloading' | 'unavailable';
  /** Why it is unavailable; empty otherwise. */
  readonly reason: string;
  /** Answers where no version is named. */
  readonly isDefault: boolean;
  /** Undefined where the file could not be read. */
  readonly spec: ModelSpec | undefined;
  /** While it is ready. */
  readonly loaded:
    | {
        readonly provider: Provider;
        readonly bytes: number;
        readonly batchSizes: readonly number[];
      }
    | undefined;
}

/** What this protocol needs of the server's models. */
export interface ServedModels {
  /** Whether the server takes work. */
  readonly ready: boolean;
  list(): readonly ServedModel[];
  /** Throws NOT_FOUND, MODEL_UNAVAILABLE, INVALID_INPUT, INFERENCE_FAILED. */
  runTensors(
    model: { readonly name: string; readonly version: string },
    feeds: readonly NamedTensor[],
    outputs: readonly string[],
  ): Promise<RanTensors>;
  /** Resolves when it is ready. An empty version is the default one. */
  load(name: string, version: string): Promise<void>;
  /** An empty version is every version that is loaded. */
  unload(name: string, version: string): Promise<void>;
}

/** The shelf's models as this protocol sees them. */
export function servedModels(shelf: Shelf): ServedModels {
  return {
    get ready() {
      return shelf.ready;
    },
    list: () =>
      shelf.list().map((model) => ({
        name: model.name,
        version: model.version,
        state: model.state,
        reason: model.state === 'unavailable' ? model.reason : '',
        isDefault: true,
        spec: model.spec,
        loaded: model.state === 'ready' ? { ...model.loaded, bytes: 0 } : undefined,
      })),
    runTensors: (model, feeds, outputs) =>
      shelf.use(model, ({ sessions }) => sessions.runTensors(feeds, outputs)),
    load: async () => {},
    unload: async () => {},
  };
}

/** The version named, else the default one. Throws NOT_FOUND. */
export function findModel(models: ServedModels, name: string, version: string): ServedModel {
  const found = models
    .list()
    .find((m) => m.name === name && (version === '' ? m.isDefault : m.version === version));
  if (found) return found;
  const what = version === '' ? `model ${name}` : `version ${version} of the model ${name}`;
  throw new AppError('NOT_FOUND', `There is no ${what} in the repository.`, {
    field: version === '' ? 'model_name' : 'model_version',
    hint: 'RepositoryIndex lists the models.',
  });
}
