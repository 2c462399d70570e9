import type { GRPCInferenceServiceHandlers, MeshHandlers, ModelsHandlers } from '@demeter/proto';

/** What a token is good for: photos and tensors; administration of models; looking, as all may. */
export const SCOPES = ['work', 'models', 'health'] as const;
export type Scope = (typeof SCOPES)[number];

const MESH: Record<keyof MeshHandlers, Scope> = {
  Work: 'work',
  GetHealthReport: 'health',
  WatchHealthReport: 'health',
};

const MODELS: Record<keyof ModelsHandlers, Scope> = {
  ListModels: 'health',
  UploadModel: 'models',
  LoadModel: 'models',
  UnloadModel: 'models',
  PinModel: 'models',
  RemoveModel: 'models',
};

const OPEN_INFERENCE: Record<keyof GRPCInferenceServiceHandlers, Scope> = {
  ServerLive: 'health',
  ServerReady: 'health',
  ServerMetadata: 'health',
  ModelReady: 'health',
  ModelMetadata: 'health',
  ModelConfig: 'health',
  ModelStatistics: 'health',
  RepositoryIndex: 'health',
  ModelInfer: 'work',
  ModelStreamInfer: 'work',
  RepositoryModelLoad: 'models',
  RepositoryModelUnload: 'models',
  SystemSharedMemoryStatus: 'work',
  SystemSharedMemoryRegister: 'work',
  SystemSharedMemoryUnregister: 'work',
  CudaSharedMemoryStatus: 'work',
  CudaSharedMemoryRegister: 'work',
  CudaSharedMemoryUnregister: 'work',
  TraceSetting: 'models',
  LogSettings: 'models',
};

const SERVICES: Readonly<Record<string, Readonly<Record<string, Scope>>>> = {
  'demeter.v1.Mesh': MESH,
  'demeter.v1.Models': MODELS,
  'inference.GRPCInferenceService': OPEN_INFERENCE,
  'grpc.health.v1.Health': { Check: 'health', Watch: 'health', List: 'health' },
  'grpc.reflection.v1.ServerReflection': { ServerReflectionInfo: 'health' },
  'grpc.reflection.v1alpha.ServerReflection': { ServerReflectionInfo: 'health' },
};

/** The scope that `/<service>/<method>` asks for. Undefined: not in the table, and so refused. */
export function scopeOf(path: string): Scope | undefined {
  const [, service = '', method = ''] = path.split('/');
  return SERVICES[service]?.[method];
}
