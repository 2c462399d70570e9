/** The only door to the contracts: loads the `.proto` files once, with one set of options. */
import { fileURLToPath } from 'node:url';
import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { reflectable } from './descriptors.ts';
import type { ProtoGrpcType as MeshTypes } from './gen/mesh.ts';
import type { ProtoGrpcType as ModelsTypes } from './gen/models.ts';
import type { ProtoGrpcType as OpenInferenceTypes } from './gen/open_inference.ts';
import type { ProtoGrpcType as RegistryTypes } from './gen/registry.ts';
import type { ProtoGrpcType as ReprocessTypes } from './gen/reprocess.ts';
import { LOADER_OPTIONS } from './loader-options.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

const definition = loadSync(
  [
    ...['mesh', 'models', 'registry', 'reprocess'].map((name) => `demeter/v1/${name}.proto`),
    'inference/open_inference.proto',
  ],
  { ...LOADER_OPTIONS, includeDirs: [root] },
);
const packages = loadPackageDefinition(definition) as unknown as MeshTypes &
  ModelsTypes &
  OpenInferenceTypes &
  RegistryTypes &
  ReprocessTypes;

/** Clients' constructors and services of `demeter.v1`; 64-bit fields are decimal strings. */
export const demeterV1 = packages.demeter.v1;
/** The same of the Open Inference Protocol. */
export const openInference = packages.inference;

export { reflectable } from './descriptors.ts';

/** For the reflection service. */
export const packageDefinition = reflectable(definition);

export type { Failure__Output } from './gen/demeter/v1/Failure.ts';
export type { HealthReport, HealthReport__Output } from './gen/demeter/v1/HealthReport.ts';
export type { MeshClient, MeshHandlers } from './gen/demeter/v1/Mesh.ts';
export type { ModelStatus, ModelStatus__Output } from './gen/demeter/v1/ModelStatus.ts';
export type { ModelsClient, ModelsHandlers } from './gen/demeter/v1/Models.ts';
export type { OwnPhoto__Output } from './gen/demeter/v1/OwnPhoto.ts';
export type { Photo__Output } from './gen/demeter/v1/Photo.ts';
export type { PhotoFilter__Output } from './gen/demeter/v1/PhotoFilter.ts';
export type { Pipeline, Pipeline__Output } from './gen/demeter/v1/Pipeline.ts';
export type { RegistryClient, RegistryHandlers } from './gen/demeter/v1/Registry.ts';
export type { ReprocessDefinition, ReprocessHandlers } from './gen/demeter/v1/Reprocess.ts';
export type { ReprocessCompareResponse } from './gen/demeter/v1/ReprocessCompareResponse.ts';
export type {
  _demeter_v1_Reprocessing_State__Output as ReprocessingState,
  Reprocessing,
  Reprocessing__Output,
} from './gen/demeter/v1/Reprocessing.ts';
export type { ReprocessOptions__Output } from './gen/demeter/v1/ReprocessOptions.ts';
export type { ReprocessPlan } from './gen/demeter/v1/ReprocessPlan.ts';
export type { ReprocessPlanPhotosRequest__Output } from './gen/demeter/v1/ReprocessPlanPhotosRequest.ts';
export type { ReprocessProcessRequest__Output } from './gen/demeter/v1/ReprocessProcessRequest.ts';
export type { ReprocessProcessResponse } from './gen/demeter/v1/ReprocessProcessResponse.ts';
export type { ReprocessResultsResponse } from './gen/demeter/v1/ReprocessResultsResponse.ts';
export type { Result, Result__Output } from './gen/demeter/v1/Result.ts';
export type { UploadHeader } from './gen/demeter/v1/UploadHeader.ts';
export type { UploadModelRequest__Output } from './gen/demeter/v1/UploadModelRequest.ts';
export type { WorkRequest, WorkRequest__Output } from './gen/demeter/v1/WorkRequest.ts';
export type { WorkResponse, WorkResponse__Output } from './gen/demeter/v1/WorkResponse.ts';
export type { DataType } from './gen/inference/DataType.ts';
export type { GRPCInferenceServiceHandlers } from './gen/inference/GRPCInferenceService.ts';
export type { InferParameter__Output } from './gen/inference/InferParameter.ts';
export type {
  InferTensorContents,
  InferTensorContents__Output,
} from './gen/inference/InferTensorContents.ts';
export type { ModelConfig } from './gen/inference/ModelConfig.ts';
export type {
  ModelInferRequest,
  ModelInferRequest__Output,
} from './gen/inference/ModelInferRequest.ts';
export type { ModelInferResponse } from './gen/inference/ModelInferResponse.ts';
export type { ModelMetadataResponse } from './gen/inference/ModelMetadataResponse.ts';
export type { ModelRepositoryParameter__Output } from './gen/inference/ModelRepositoryParameter.ts';
export type { ModelStatistics } from './gen/inference/ModelStatistics.ts';
export type { ModelStreamInferResponse } from './gen/inference/ModelStreamInferResponse.ts';
export type { NotOfferedRequest__Output } from './gen/inference/NotOfferedRequest.ts';
export type { NotOfferedResponse } from './gen/inference/NotOfferedResponse.ts';
