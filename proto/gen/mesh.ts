import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Cancel as _demeter_v1_Cancel, Cancel__Output as _demeter_v1_Cancel__Output } from './demeter/v1/Cancel.ts';
import type { Classification as _demeter_v1_Classification, Classification__Output as _demeter_v1_Classification__Output } from './demeter/v1/Classification.ts';
import type { CoreHello as _demeter_v1_CoreHello, CoreHello__Output as _demeter_v1_CoreHello__Output } from './demeter/v1/CoreHello.ts';
import type { Credit as _demeter_v1_Credit, Credit__Output as _demeter_v1_Credit__Output } from './demeter/v1/Credit.ts';
import type { Detections as _demeter_v1_Detections, Detections__Output as _demeter_v1_Detections__Output } from './demeter/v1/Detections.ts';
import type { Drain as _demeter_v1_Drain, Drain__Output as _demeter_v1_Drain__Output } from './demeter/v1/Drain.ts';
import type { Failure as _demeter_v1_Failure, Failure__Output as _demeter_v1_Failure__Output } from './demeter/v1/Failure.ts';
import type { GetHealthReportRequest as _demeter_v1_GetHealthReportRequest, GetHealthReportRequest__Output as _demeter_v1_GetHealthReportRequest__Output } from './demeter/v1/GetHealthReportRequest.ts';
import type { GetHealthReportResponse as _demeter_v1_GetHealthReportResponse, GetHealthReportResponse__Output as _demeter_v1_GetHealthReportResponse__Output } from './demeter/v1/GetHealthReportResponse.ts';
import type { Gpu as _demeter_v1_Gpu, Gpu__Output as _demeter_v1_Gpu__Output } from './demeter/v1/Gpu.ts';
import type { HandBack as _demeter_v1_HandBack, HandBack__Output as _demeter_v1_HandBack__Output } from './demeter/v1/HandBack.ts';
import type { HealthReport as _demeter_v1_HealthReport, HealthReport__Output as _demeter_v1_HealthReport__Output } from './demeter/v1/HealthReport.ts';
import type { Mask as _demeter_v1_Mask, Mask__Output as _demeter_v1_Mask__Output } from './demeter/v1/Mask.ts';
import type { Memory as _demeter_v1_Memory, Memory__Output as _demeter_v1_Memory__Output } from './demeter/v1/Memory.ts';
import type { MeshClient as _demeter_v1_MeshClient, MeshDefinition as _demeter_v1_MeshDefinition } from './demeter/v1/Mesh.ts';
import type { ModelStatus as _demeter_v1_ModelStatus, ModelStatus__Output as _demeter_v1_ModelStatus__Output } from './demeter/v1/ModelStatus.ts';
import type { Photo as _demeter_v1_Photo, Photo__Output as _demeter_v1_Photo__Output } from './demeter/v1/Photo.ts';
import type { Pipeline as _demeter_v1_Pipeline, Pipeline__Output as _demeter_v1_Pipeline__Output } from './demeter/v1/Pipeline.ts';
import type { Result as _demeter_v1_Result, Result__Output as _demeter_v1_Result__Output } from './demeter/v1/Result.ts';
import type { RoleModel as _demeter_v1_RoleModel, RoleModel__Output as _demeter_v1_RoleModel__Output } from './demeter/v1/RoleModel.ts';
import type { ServerHello as _demeter_v1_ServerHello, ServerHello__Output as _demeter_v1_ServerHello__Output } from './demeter/v1/ServerHello.ts';
import type { TextLine as _demeter_v1_TextLine, TextLine__Output as _demeter_v1_TextLine__Output } from './demeter/v1/TextLine.ts';
import type { Tiling as _demeter_v1_Tiling, Tiling__Output as _demeter_v1_Tiling__Output } from './demeter/v1/Tiling.ts';
import type { Timings as _demeter_v1_Timings, Timings__Output as _demeter_v1_Timings__Output } from './demeter/v1/Timings.ts';
import type { WatchHealthReportRequest as _demeter_v1_WatchHealthReportRequest, WatchHealthReportRequest__Output as _demeter_v1_WatchHealthReportRequest__Output } from './demeter/v1/WatchHealthReportRequest.ts';
import type { WatchHealthReportResponse as _demeter_v1_WatchHealthReportResponse, WatchHealthReportResponse__Output as _demeter_v1_WatchHealthReportResponse__Output } from './demeter/v1/WatchHealthReportResponse.ts';
import type { WorkRequest as _demeter_v1_WorkRequest, WorkRequest__Output as _demeter_v1_WorkRequest__Output } from './demeter/v1/WorkRequest.ts';
import type { WorkResponse as _demeter_v1_WorkResponse, WorkResponse__Output as _demeter_v1_WorkResponse__Output } from './demeter/v1/WorkResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  demeter: {
    v1: {
      Cancel: MessageTypeDefinition<_demeter_v1_Cancel, _demeter_v1_Cancel__Output>
      Classification: MessageTypeDefinition<_demeter_v1_Classification, _demeter_v1_Classification__Output>
      CoreHello: MessageTypeDefinition<_demeter_v1_CoreHello, _demeter_v1_CoreHello__Output>
      Credit: MessageTypeDefinition<_demeter_v1_Credit, _demeter_v1_Credit__Output>
      Detections: MessageTypeDefinition<_demeter_v1_Detections, _demeter_v1_Detections__Output>
      Drain: MessageTypeDefinition<_demeter_v1_Drain, _demeter_v1_Drain__Output>
      Failure: MessageTypeDefinition<_demeter_v1_Failure, _demeter_v1_Failure__Output>
      GetHealthReportRequest: MessageTypeDefinition<_demeter_v1_GetHealthReportRequest, _demeter_v1_GetHealthReportRequest__Output>
      GetHealthReportResponse: MessageTypeDefinition<_demeter_v1_GetHealthReportResponse, _demeter_v1_GetHealthReportResponse__Output>
      Gpu: MessageTypeDefinition<_demeter_v1_Gpu, _demeter_v1_Gpu__Output>
      HandBack: MessageTypeDefinition<_demeter_v1_HandBack, _demeter_v1_HandBack__Output>
      HealthReport: MessageTypeDefinition<_demeter_v1_HealthReport, _demeter_v1_HealthReport__Output>
      Mask: MessageTypeDefinition<_demeter_v1_Mask, _demeter_v1_Mask__Output>
      Memory: MessageTypeDefinition<_demeter_v1_Memory, _demeter_v1_Memory__Output>
      Mesh: SubtypeConstructor<typeof grpc.Client, _demeter_v1_MeshClient> & { service: _demeter_v1_MeshDefinition }
      ModelStatus: MessageTypeDefinition<_demeter_v1_ModelStatus, _demeter_v1_ModelStatus__Output>
      Photo: MessageTypeDefinition<_demeter_v1_Photo, _demeter_v1_Photo__Output>
      Pipeline: MessageTypeDefinition<_demeter_v1_Pipeline, _demeter_v1_Pipeline__Output>
      Result: MessageTypeDefinition<_demeter_v1_Result, _demeter_v1_Result__Output>
      RoleModel: MessageTypeDefinition<_demeter_v1_RoleModel, _demeter_v1_RoleModel__Output>
      ServerHello: MessageTypeDefinition<_demeter_v1_ServerHello, _demeter_v1_ServerHello__Output>
      TextLine: MessageTypeDefinition<_demeter_v1_TextLine, _demeter_v1_TextLine__Output>
      Tiling: MessageTypeDefinition<_demeter_v1_Tiling, _demeter_v1_Tiling__Output>
      Timings: MessageTypeDefinition<_demeter_v1_Timings, _demeter_v1_Timings__Output>
      WatchHealthReportRequest: MessageTypeDefinition<_demeter_v1_WatchHealthReportRequest, _demeter_v1_WatchHealthReportRequest__Output>
      WatchHealthReportResponse: MessageTypeDefinition<_demeter_v1_WatchHealthReportResponse, _demeter_v1_WatchHealthReportResponse__Output>
      WorkRequest: MessageTypeDefinition<_demeter_v1_WorkRequest, _demeter_v1_WorkRequest__Output>
      WorkResponse: MessageTypeDefinition<_demeter_v1_WorkResponse, _demeter_v1_WorkResponse__Output>
    }
  }
}

