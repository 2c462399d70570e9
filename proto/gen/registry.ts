import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AnnounceRequest as _demeter_v1_AnnounceRequest, AnnounceRequest__Output as _demeter_v1_AnnounceRequest__Output } from './demeter/v1/AnnounceRequest.ts';
import type { AnnounceResponse as _demeter_v1_AnnounceResponse, AnnounceResponse__Output as _demeter_v1_AnnounceResponse__Output } from './demeter/v1/AnnounceResponse.ts';
import type { Gpu as _demeter_v1_Gpu, Gpu__Output as _demeter_v1_Gpu__Output } from './demeter/v1/Gpu.ts';
import type { HealthReport as _demeter_v1_HealthReport, HealthReport__Output as _demeter_v1_HealthReport__Output } from './demeter/v1/HealthReport.ts';
import type { Memory as _demeter_v1_Memory, Memory__Output as _demeter_v1_Memory__Output } from './demeter/v1/Memory.ts';
import type { ModelStatus as _demeter_v1_ModelStatus, ModelStatus__Output as _demeter_v1_ModelStatus__Output } from './demeter/v1/ModelStatus.ts';
import type { RegistryClient as _demeter_v1_RegistryClient, RegistryDefinition as _demeter_v1_RegistryDefinition } from './demeter/v1/Registry.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  demeter: {
    v1: {
      AnnounceRequest: MessageTypeDefinition<_demeter_v1_AnnounceRequest, _demeter_v1_AnnounceRequest__Output>
      AnnounceResponse: MessageTypeDefinition<_demeter_v1_AnnounceResponse, _demeter_v1_AnnounceResponse__Output>
      Gpu: MessageTypeDefinition<_demeter_v1_Gpu, _demeter_v1_Gpu__Output>
      HealthReport: MessageTypeDefinition<_demeter_v1_HealthReport, _demeter_v1_HealthReport__Output>
      Memory: MessageTypeDefinition<_demeter_v1_Memory, _demeter_v1_Memory__Output>
      ModelStatus: MessageTypeDefinition<_demeter_v1_ModelStatus, _demeter_v1_ModelStatus__Output>
      Registry: SubtypeConstructor<typeof grpc.Client, _demeter_v1_RegistryClient> & { service: _demeter_v1_RegistryDefinition }
    }
  }
}

