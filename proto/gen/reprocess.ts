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
import type { OwnPhoto as _demeter_v1_OwnPhoto, OwnPhoto__Output as _demeter_v1_OwnPhoto__Output } from './demeter/v1/OwnPhoto.ts';
import type { OwnPhotoFailure as _demeter_v1_OwnPhotoFailure, OwnPhotoFailure__Output as _demeter_v1_OwnPhotoFailure__Output } from './demeter/v1/OwnPhotoFailure.ts';
import type { OwnPhotoResult as _demeter_v1_OwnPhotoResult, OwnPhotoResult__Output as _demeter_v1_OwnPhotoResult__Output } from './demeter/v1/OwnPhotoResult.ts';
import type { Photo as _demeter_v1_Photo, Photo__Output as _demeter_v1_Photo__Output } from './demeter/v1/Photo.ts';
import type { PhotoFilter as _demeter_v1_PhotoFilter, PhotoFilter__Output as _demeter_v1_PhotoFilter__Output } from './demeter/v1/PhotoFilter.ts';
import type { PhotoHashes as _demeter_v1_PhotoHashes, PhotoHashes__Output as _demeter_v1_PhotoHashes__Output } from './demeter/v1/PhotoHashes.ts';
import type { Pipeline as _demeter_v1_Pipeline, Pipeline__Output as _demeter_v1_Pipeline__Output } from './demeter/v1/Pipeline.ts';
import type { ReprocessClient as _demeter_v1_ReprocessClient, ReprocessDefinition as _demeter_v1_ReprocessDefinition } from './demeter/v1/Reprocess.ts';
import type { ReprocessCancelRequest as _demeter_v1_ReprocessCancelRequest, ReprocessCancelRequest__Output as _demeter_v1_ReprocessCancelRequest__Output } from './demeter/v1/ReprocessCancelRequest.ts';
import type { ReprocessCancelResponse as _demeter_v1_ReprocessCancelResponse, ReprocessCancelResponse__Output as _demeter_v1_ReprocessCancelResponse__Output } from './demeter/v1/ReprocessCancelResponse.ts';
import type { ReprocessCompareRequest as _demeter_v1_ReprocessCompareRequest, ReprocessCompareRequest__Output as _demeter_v1_ReprocessCompareRequest__Output } from './demeter/v1/ReprocessCompareRequest.ts';
import type { ReprocessCompareResponse as _demeter_v1_ReprocessCompareResponse, ReprocessCompareResponse__Output as _demeter_v1_ReprocessCompareResponse__Output } from './demeter/v1/ReprocessCompareResponse.ts';
import type { ReprocessDiscardRequest as _demeter_v1_ReprocessDiscardRequest, ReprocessDiscardRequest__Output as _demeter_v1_ReprocessDiscardRequest__Output } from './demeter/v1/ReprocessDiscardRequest.ts';
import type { ReprocessDiscardResponse as _demeter_v1_ReprocessDiscardResponse, ReprocessDiscardResponse__Output as _demeter_v1_ReprocessDiscardResponse__Output } from './demeter/v1/ReprocessDiscardResponse.ts';
import type { ReprocessGetRequest as _demeter_v1_ReprocessGetRequest, ReprocessGetRequest__Output as _demeter_v1_ReprocessGetRequest__Output } from './demeter/v1/ReprocessGetRequest.ts';
import type { ReprocessGetResponse as _demeter_v1_ReprocessGetResponse, ReprocessGetResponse__Output as _demeter_v1_ReprocessGetResponse__Output } from './demeter/v1/ReprocessGetResponse.ts';
import type { ReprocessListRequest as _demeter_v1_ReprocessListRequest, ReprocessListRequest__Output as _demeter_v1_ReprocessListRequest__Output } from './demeter/v1/ReprocessListRequest.ts';
import type { ReprocessListResponse as _demeter_v1_ReprocessListResponse, ReprocessListResponse__Output as _demeter_v1_ReprocessListResponse__Output } from './demeter/v1/ReprocessListResponse.ts';
import type { ReprocessOptions as _demeter_v1_ReprocessOptions, ReprocessOptions__Output as _demeter_v1_ReprocessOptions__Output } from './demeter/v1/ReprocessOptions.ts';
import type { ReprocessPauseRequest as _demeter_v1_ReprocessPauseRequest, ReprocessPauseRequest__Output as _demeter_v1_ReprocessPauseRequest__Output } from './demeter/v1/ReprocessPauseRequest.ts';
import type { ReprocessPauseResponse as _demeter_v1_ReprocessPauseResponse, ReprocessPauseResponse__Output as _demeter_v1_ReprocessPauseResponse__Output } from './demeter/v1/ReprocessPauseResponse.ts';
import type { ReprocessPlan as _demeter_v1_ReprocessPlan, ReprocessPlan__Output as _demeter_v1_ReprocessPlan__Output } from './demeter/v1/ReprocessPlan.ts';
import type { ReprocessPlanPhotosRequest as _demeter_v1_ReprocessPlanPhotosRequest, ReprocessPlanPhotosRequest__Output as _demeter_v1_ReprocessPlanPhotosRequest__Output } from './demeter/v1/ReprocessPlanPhotosRequest.ts';
import type { ReprocessPlanPhotosResponse as _demeter_v1_ReprocessPlanPhotosResponse, ReprocessPlanPhotosResponse__Output as _demeter_v1_ReprocessPlanPhotosResponse__Output } from './demeter/v1/ReprocessPlanPhotosResponse.ts';
import type { ReprocessPlanRequest as _demeter_v1_ReprocessPlanRequest, ReprocessPlanRequest__Output as _demeter_v1_ReprocessPlanRequest__Output } from './demeter/v1/ReprocessPlanRequest.ts';
import type { ReprocessPlanResponse as _demeter_v1_ReprocessPlanResponse, ReprocessPlanResponse__Output as _demeter_v1_ReprocessPlanResponse__Output } from './demeter/v1/ReprocessPlanResponse.ts';
import type { ReprocessProcessRequest as _demeter_v1_ReprocessProcessRequest, ReprocessProcessRequest__Output as _demeter_v1_ReprocessProcessRequest__Output } from './demeter/v1/ReprocessProcessRequest.ts';
import type { ReprocessProcessResponse as _demeter_v1_ReprocessProcessResponse, ReprocessProcessResponse__Output as _demeter_v1_ReprocessProcessResponse__Output } from './demeter/v1/ReprocessProcessResponse.ts';
import type { ReprocessPromoteRequest as _demeter_v1_ReprocessPromoteRequest, ReprocessPromoteRequest__Output as _demeter_v1_ReprocessPromoteRequest__Output } from './demeter/v1/ReprocessPromoteRequest.ts';
import type { ReprocessPromoteResponse as _demeter_v1_ReprocessPromoteResponse, ReprocessPromoteResponse__Output as _demeter_v1_ReprocessPromoteResponse__Output } from './demeter/v1/ReprocessPromoteResponse.ts';
import type { ReprocessResultsRequest as _demeter_v1_ReprocessResultsRequest, ReprocessResultsRequest__Output as _demeter_v1_ReprocessResultsRequest__Output } from './demeter/v1/ReprocessResultsRequest.ts';
import type { ReprocessResultsResponse as _demeter_v1_ReprocessResultsResponse, ReprocessResultsResponse__Output as _demeter_v1_ReprocessResultsResponse__Output } from './demeter/v1/ReprocessResultsResponse.ts';
import type { ReprocessResumeRequest as _demeter_v1_ReprocessResumeRequest, ReprocessResumeRequest__Output as _demeter_v1_ReprocessResumeRequest__Output } from './demeter/v1/ReprocessResumeRequest.ts';
import type { ReprocessResumeResponse as _demeter_v1_ReprocessResumeResponse, ReprocessResumeResponse__Output as _demeter_v1_ReprocessResumeResponse__Output } from './demeter/v1/ReprocessResumeResponse.ts';
import type { ReprocessStartRequest as _demeter_v1_ReprocessStartRequest, ReprocessStartRequest__Output as _demeter_v1_ReprocessStartRequest__Output } from './demeter/v1/ReprocessStartRequest.ts';
import type { ReprocessStartResponse as _demeter_v1_ReprocessStartResponse, ReprocessStartResponse__Output as _demeter_v1_ReprocessStartResponse__Output } from './demeter/v1/ReprocessStartResponse.ts';
import type { ReprocessWatchRequest as _demeter_v1_ReprocessWatchRequest, ReprocessWatchRequest__Output as _demeter_v1_ReprocessWatchRequest__Output } from './demeter/v1/ReprocessWatchRequest.ts';
import type { ReprocessWatchResponse as _demeter_v1_ReprocessWatchResponse, ReprocessWatchResponse__Output as _demeter_v1_ReprocessWatchResponse__Output } from './demeter/v1/ReprocessWatchResponse.ts';
import type { Reprocessing as _demeter_v1_Reprocessing, Reprocessing__Output as _demeter_v1_Reprocessing__Output } from './demeter/v1/Reprocessing.ts';
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
      OwnPhoto: MessageTypeDefinition<_demeter_v1_OwnPhoto, _demeter_v1_OwnPhoto__Output>
      OwnPhotoFailure: MessageTypeDefinition<_demeter_v1_OwnPhotoFailure, _demeter_v1_OwnPhotoFailure__Output>
      OwnPhotoResult: MessageTypeDefinition<_demeter_v1_OwnPhotoResult, _demeter_v1_OwnPhotoResult__Output>
      Photo: MessageTypeDefinition<_demeter_v1_Photo, _demeter_v1_Photo__Output>
      PhotoFilter: MessageTypeDefinition<_demeter_v1_PhotoFilter, _demeter_v1_PhotoFilter__Output>
      PhotoHashes: MessageTypeDefinition<_demeter_v1_PhotoHashes, _demeter_v1_PhotoHashes__Output>
      Pipeline: MessageTypeDefinition<_demeter_v1_Pipeline, _demeter_v1_Pipeline__Output>
      Reprocess: SubtypeConstructor<typeof grpc.Client, _demeter_v1_ReprocessClient> & { service: _demeter_v1_ReprocessDefinition }
      ReprocessCancelRequest: MessageTypeDefinition<_demeter_v1_ReprocessCancelRequest, _demeter_v1_ReprocessCancelRequest__Output>
      ReprocessCancelResponse: MessageTypeDefinition<_demeter_v1_ReprocessCancelResponse, _demeter_v1_ReprocessCancelResponse__Output>
      ReprocessCompareRequest: MessageTypeDefinition<_demeter_v1_ReprocessCompareRequest, _demeter_v1_ReprocessCompareRequest__Output>
      ReprocessCompareResponse: MessageTypeDefinition<_demeter_v1_ReprocessCompareResponse, _demeter_v1_ReprocessCompareResponse__Output>
      ReprocessDiscardRequest: MessageTypeDefinition<_demeter_v1_ReprocessDiscardRequest, _demeter_v1_ReprocessDiscardRequest__Output>
      ReprocessDiscardResponse: MessageTypeDefinition<_demeter_v1_ReprocessDiscardResponse, _demeter_v1_ReprocessDiscardResponse__Output>
      ReprocessGetRequest: MessageTypeDefinition<_demeter_v1_ReprocessGetRequest, _demeter_v1_ReprocessGetRequest__Output>
      ReprocessGetResponse: MessageTypeDefinition<_demeter_v1_ReprocessGetResponse, _demeter_v1_ReprocessGetResponse__Output>
      ReprocessListRequest: MessageTypeDefinition<_demeter_v1_ReprocessListRequest, _demeter_v1_ReprocessListRequest__Output>
      ReprocessListResponse: MessageTypeDefinition<_demeter_v1_ReprocessListResponse, _demeter_v1_ReprocessListResponse__Output>
      ReprocessOptions: MessageTypeDefinition<_demeter_v1_ReprocessOptions, _demeter_v1_ReprocessOptions__Output>
      ReprocessPauseRequest: MessageTypeDefinition<_demeter_v1_ReprocessPauseRequest, _demeter_v1_ReprocessPauseRequest__Output>
      ReprocessPauseResponse: MessageTypeDefinition<_demeter_v1_ReprocessPauseResponse, _demeter_v1_ReprocessPauseResponse__Output>
      ReprocessPlan: MessageTypeDefinition<_demeter_v1_ReprocessPlan, _demeter_v1_ReprocessPlan__Output>
      ReprocessPlanPhotosRequest: MessageTypeDefinition<_demeter_v1_ReprocessPlanPhotosRequest, _demeter_v1_ReprocessPlanPhotosRequest__Output>
      ReprocessPlanPhotosResponse: MessageTypeDefinition<_demeter_v1_ReprocessPlanPhotosResponse, _demeter_v1_ReprocessPlanPhotosResponse__Output>
      ReprocessPlanRequest: MessageTypeDefinition<_demeter_v1_ReprocessPlanRequest, _demeter_v1_ReprocessPlanRequest__Output>
      ReprocessPlanResponse: MessageTypeDefinition<_demeter_v1_ReprocessPlanResponse, _demeter_v1_ReprocessPlanResponse__Output>
      ReprocessProcessRequest: MessageTypeDefinition<_demeter_v1_ReprocessProcessRequest, _demeter_v1_ReprocessProcessRequest__Output>
      ReprocessProcessResponse: MessageTypeDefinition<_demeter_v1_ReprocessProcessResponse, _demeter_v1_ReprocessProcessResponse__Output>
      ReprocessPromoteRequest: MessageTypeDefinition<_demeter_v1_ReprocessPromoteRequest, _demeter_v1_ReprocessPromoteRequest__Output>
      ReprocessPromoteResponse: MessageTypeDefinition<_demeter_v1_ReprocessPromoteResponse, _demeter_v1_ReprocessPromoteResponse__Output>
      ReprocessResultsRequest: MessageTypeDefinition<_demeter_v1_ReprocessResultsRequest, _demeter_v1_ReprocessResultsRequest__Output>
      ReprocessResultsResponse: MessageTypeDefinition<_demeter_v1_ReprocessResultsResponse, _demeter_v1_ReprocessResultsResponse__Output>
      ReprocessResumeRequest: MessageTypeDefinition<_demeter_v1_ReprocessResumeRequest, _demeter_v1_ReprocessResumeRequest__Output>
      ReprocessResumeResponse: MessageTypeDefinition<_demeter_v1_ReprocessResumeResponse, _demeter_v1_ReprocessResumeResponse__Output>
      ReprocessStartRequest: MessageTypeDefinition<_demeter_v1_ReprocessStartRequest, _demeter_v1_ReprocessStartRequest__Output>
      ReprocessStartResponse: MessageTypeDefinition<_demeter_v1_ReprocessStartResponse, _demeter_v1_ReprocessStartResponse__Output>
      ReprocessWatchRequest: MessageTypeDefinition<_demeter_v1_ReprocessWatchRequest, _demeter_v1_ReprocessWatchRequest__Output>
      ReprocessWatchResponse: MessageTypeDefinition<_demeter_v1_ReprocessWatchResponse, _demeter_v1_ReprocessWatchResponse__Output>
      Reprocessing: MessageTypeDefinition<_demeter_v1_Reprocessing, _demeter_v1_Reprocessing__Output>
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

