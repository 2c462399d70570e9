import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Gpu as _demeter_v1_Gpu, Gpu__Output as _demeter_v1_Gpu__Output } from './demeter/v1/Gpu.ts';
import type { HealthReport as _demeter_v1_HealthReport, HealthReport__Output as _demeter_v1_HealthReport__Output } from './demeter/v1/HealthReport.ts';
import type { ListModelsRequest as _demeter_v1_ListModelsRequest, ListModelsRequest__Output as _demeter_v1_ListModelsRequest__Output } from './demeter/v1/ListModelsRequest.ts';
import type { ListModelsResponse as _demeter_v1_ListModelsResponse, ListModelsResponse__Output as _demeter_v1_ListModelsResponse__Output } from './demeter/v1/ListModelsResponse.ts';
import type { LoadModelRequest as _demeter_v1_LoadModelRequest, LoadModelRequest__Output as _demeter_v1_LoadModelRequest__Output } from './demeter/v1/LoadModelRequest.ts';
import type { LoadModelResponse as _demeter_v1_LoadModelResponse, LoadModelResponse__Output as _demeter_v1_LoadModelResponse__Output } from './demeter/v1/LoadModelResponse.ts';
import type { Memory as _demeter_v1_Memory, Memory__Output as _demeter_v1_Memory__Output } from './demeter/v1/Memory.ts';
import type { ModelStatus as _demeter_v1_ModelStatus, ModelStatus__Output as _demeter_v1_ModelStatus__Output } from './demeter/v1/ModelStatus.ts';
import type { ModelsClient as _demeter_v1_ModelsClient, ModelsDefinition as _demeter_v1_ModelsDefinition } from './demeter/v1/Models.ts';
import type { PinModelRequest as _demeter_v1_PinModelRequest, PinModelRequest__Output as _demeter_v1_PinModelRequest__Output } from './demeter/v1/PinModelRequest.ts';
import type { PinModelResponse as _demeter_v1_PinModelResponse, PinModelResponse__Output as _demeter_v1_PinModelResponse__Output } from './demeter/v1/PinModelResponse.ts';
import type { RemoveModelRequest as _demeter_v1_RemoveModelRequest, RemoveModelRequest__Output as _demeter_v1_RemoveModelRequest__Output } from './demeter/v1/RemoveModelRequest.ts';
import type { RemoveModelResponse as _demeter_v1_RemoveModelResponse, RemoveModelResponse__Output as _demeter_v1_RemoveModelResponse__Output } from './demeter/v1/RemoveModelResponse.ts';
import type { UnloadModelRequest as _demeter_v1_UnloadModelRequest, UnloadModelRequest__Output as _demeter_v1_UnloadModelRequest__Output } from './demeter/v1/UnloadModelRequest.ts';
import type { UnloadModelResponse as _demeter_v1_UnloadModelResponse, UnloadModelResponse__Output as _demeter_v1_UnloadModelResponse__Output } from './demeter/v1/UnloadModelResponse.ts';
import type { UploadHeader as _demeter_v1_UploadHeader, UploadHeader__Output as _demeter_v1_UploadHeader__Output } from './demeter/v1/UploadHeader.ts';
import type { UploadModelRequest as _demeter_v1_UploadModelRequest, UploadModelRequest__Output as _demeter_v1_UploadModelRequest__Output } from './demeter/v1/UploadModelRequest.ts';
import type { UploadModelResponse as _demeter_v1_UploadModelResponse, UploadModelResponse__Output as _demeter_v1_UploadModelResponse__Output } from './demeter/v1/UploadModelResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  demeter: {
    v1: {
      Gpu: MessageTypeDefinition<_demeter_v1_Gpu, _demeter_v1_Gpu__Output>
      HealthReport: MessageTypeDefinition<_demeter_v1_HealthReport, _demeter_v1_HealthReport__Output>
      ListModelsRequest: MessageTypeDefinition<_demeter_v1_ListModelsRequest, _demeter_v1_ListModelsRequest__Output>
      ListModelsResponse: MessageTypeDefinition<_demeter_v1_ListModelsResponse, _demeter_v1_ListModelsResponse__Output>
      LoadModelRequest: MessageTypeDefinition<_demeter_v1_LoadModelRequest, _demeter_v1_LoadModelRequest__Output>
      LoadModelResponse: MessageTypeDefinition<_demeter_v1_LoadModelResponse, _demeter_v1_LoadModelResponse__Output>
      Memory: MessageTypeDefinition<_demeter_v1_Memory, _demeter_v1_Memory__Output>
      ModelStatus: MessageTypeDefinition<_demeter_v1_ModelStatus, _demeter_v1_ModelStatus__Output>
      Models: SubtypeConstructor<typeof grpc.Client, _demeter_v1_ModelsClient> & { service: _demeter_v1_ModelsDefinition }
      PinModelRequest: MessageTypeDefinition<_demeter_v1_PinModelRequest, _demeter_v1_PinModelRequest__Output>
      PinModelResponse: MessageTypeDefinition<_demeter_v1_PinModelResponse, _demeter_v1_PinModelResponse__Output>
      RemoveModelRequest: MessageTypeDefinition<_demeter_v1_RemoveModelRequest, _demeter_v1_RemoveModelRequest__Output>
      RemoveModelResponse: MessageTypeDefinition<_demeter_v1_RemoveModelResponse, _demeter_v1_RemoveModelResponse__Output>
      UnloadModelRequest: MessageTypeDefinition<_demeter_v1_UnloadModelRequest, _demeter_v1_UnloadModelRequest__Output>
      UnloadModelResponse: MessageTypeDefinition<_demeter_v1_UnloadModelResponse, _demeter_v1_UnloadModelResponse__Output>
      UploadHeader: MessageTypeDefinition<_demeter_v1_UploadHeader, _demeter_v1_UploadHeader__Output>
      UploadModelRequest: MessageTypeDefinition<_demeter_v1_UploadModelRequest, _demeter_v1_UploadModelRequest__Output>
      UploadModelResponse: MessageTypeDefinition<_demeter_v1_UploadModelResponse, _demeter_v1_UploadModelResponse__Output>
    }
  }
}

