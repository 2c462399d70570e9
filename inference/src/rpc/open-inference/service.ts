import { AppError } from '@demeter/common/errors';
import type {
  GRPCInferenceServiceHandlers,
  ModelRepositoryParameter__Output,
  NotOfferedRequest__Output,
  NotOfferedResponse,
} from '@demeter/proto';
import type { Readiness } from '../../readiness.ts';
import type { ModelView } from '../../residency/entry.ts';
import { unary } from '../unary.ts';
import { toConfig, toMetadata, toStatisticsMessage } from './describe.ts';
import { type InferOptions, infer } from './infer.ts';
import { serveInferStream } from './infer-stream.ts';
import { findModel } from './served-models.ts';

/** The protocol's extensions that are served. */
const EXTENSIONS = [
  ...['binary_tensor_data', 'model_configuration', 'model_repository', 'parameters'],
  'statistics',
];

export interface OpenInferenceOptions extends InferOptions {
  readonly version: string;
  readonly readiness: Pick<Readiness, 'live' | 'ready' | 'serves'>;
}

type RepositoryParameters = { readonly [name: string]: ModelRepositoryParameter__Output };

/** inference.GRPCInferenceService: the Open Inference Protocol with Triton's additions. */
export function openInferenceHandlers(options: OpenInferenceOptions): GRPCInferenceServiceHandlers {
  const { models, statistics, version, readiness } = options;
  const noSharedMemory = notOffered('Send tensors in the message.');
  const named = (ref: { name: string; version: string }) =>
    findModel(models, ref.name, ref.version);
  return {
    ServerLive: unary(() => ({ live: readiness.live })),
    ServerReady: unary(() => ({ ready: readiness.ready })),
    // A model that nobody knows is not ready, which is no error.
    ModelReady: unary((ref) => ({ ready: readiness.serves(models.find(ref)) })),
    ServerMetadata: unary(() => ({ name: 'demeter', version, extensions: EXTENSIONS })),
    ModelMetadata: unary((request) => {
      const ready = select(models.list(), request.name, request.version).filter(isReady);
      const versions = ready.map((model) => model.version);
      return toMetadata(named(request), versions);
    }),
    ModelConfig: unary((request) => ({ config: toConfig(named(request)) })),
    ModelInfer: unary((request, signal) => infer(request, options, signal)),
    ModelStreamInfer: (call) =>
      serveInferStream(call, (request, signal) => infer(request, options, signal)),
    ModelStatistics: unary((request) => {
      if (request.name !== '') named(request);
      const chosen = select(models.list(), request.name, request.version);
      return {
        model_stats: chosen
          .filter(isReady)
          .map((model) => toStatisticsMessage(model, statistics.of(model))),
      };
    }),
    RepositoryIndex: unary(({ repository_name, ready }) => {
      checkRepository(repository_name);
      const chosen = models.list().filter((model) => !ready || isReady(model));
      return {
        models: chosen.map(({ name, version: of, state, reason }) => ({
          name,
          version: of,
          state: state === 'unloaded' ? 'UNKNOWN' : state.toUpperCase(),
          reason: state === 'unloaded' ? 'It is not loaded.' : reason,
        })),
      };
    }),
    RepositoryModelLoad: unary(async ({ repository_name, model_name, parameters }) => {
      checkRepository(repository_name);
      await models.load({ name: model_name, version: versionOf(parameters) }, false);
      return {};
    }),
    RepositoryModelUnload: unary(async ({ repository_name, model_name, parameters }) => {
      checkRepository(repository_name);
      await models.unload({ name: model_name, version: versionOf(parameters) });
      return {};
    }),
    SystemSharedMemoryStatus: noSharedMemory,
    SystemSharedMemoryRegister: noSharedMemory,
    SystemSharedMemoryUnregister: noSharedMemory,
    CudaSharedMemoryStatus: noSharedMemory,
    CudaSharedMemoryRegister: noSharedMemory,
    CudaSharedMemoryUnregister: noSharedMemory,
    TraceSetting: notOffered('Set OTEL_EXPORTER_OTLP_ENDPOINT when the server starts.'),
    LogSettings: notOffered('Set LOG_LEVEL when the server starts.'),
  };
}

function isReady(model: ModelView): boolean {
  return model.state === 'ready';
}

/** An empty name is every model, an empty version every version. */
function select(models: readonly ModelView[], name: string, version: string): readonly ModelView[] {
  return models.filter(
    (model) =>
      (name === '' || model.name === name) && (version === '' || model.version === version),
  );
}

function checkRepository(name: string): void {
  if (name === '') return;
  throw new AppError('NOT_FOUND', `There is no repository ${name}.`, {
    field: 'repository_name',
    hint: 'There is one, without a name.',
  });
}

/** The version that a load or unload names. Throws NOT_OFFERED for what would change the model. */
function versionOf(parameters: RepositoryParameters): string {
  for (const field of Object.keys(parameters)) {
    // Triton's client always sends the second; there are no dependents here.
    if (field === 'version' || field === 'unload_dependents') continue;
    throw new AppError('NOT_OFFERED', `The parameter ${field} is not offered.`, {
      field,
      hint: 'A model is served as its file and manifest say; demeter.v1.Models takes new files.',
    });
  }
  return parameters.version?.string_param ?? '';
}

function notOffered(hint: string) {
  return unary<NotOfferedRequest__Output, NotOfferedResponse>(() => {
    throw new AppError('NOT_OFFERED', 'This server does not do that.', { hint });
  });
}
