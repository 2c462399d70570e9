// Original file: demeter/v1/mesh.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetHealthReportRequest as _demeter_v1_GetHealthReportRequest, GetHealthReportRequest__Output as _demeter_v1_GetHealthReportRequest__Output } from '../../demeter/v1/GetHealthReportRequest.ts';
import type { GetHealthReportResponse as _demeter_v1_GetHealthReportResponse, GetHealthReportResponse__Output as _demeter_v1_GetHealthReportResponse__Output } from '../../demeter/v1/GetHealthReportResponse.ts';
import type { WatchHealthReportRequest as _demeter_v1_WatchHealthReportRequest, WatchHealthReportRequest__Output as _demeter_v1_WatchHealthReportRequest__Output } from '../../demeter/v1/WatchHealthReportRequest.ts';
import type { WatchHealthReportResponse as _demeter_v1_WatchHealthReportResponse, WatchHealthReportResponse__Output as _demeter_v1_WatchHealthReportResponse__Output } from '../../demeter/v1/WatchHealthReportResponse.ts';
import type { WorkRequest as _demeter_v1_WorkRequest, WorkRequest__Output as _demeter_v1_WorkRequest__Output } from '../../demeter/v1/WorkRequest.ts';
import type { WorkResponse as _demeter_v1_WorkResponse, WorkResponse__Output as _demeter_v1_WorkResponse__Output } from '../../demeter/v1/WorkResponse.ts';

export interface MeshClient extends grpc.Client {
  GetHealthReport(argument: _demeter_v1_GetHealthReportRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_GetHealthReportResponse__Output>): grpc.ClientUnaryCall;
  GetHealthReport(argument: _demeter_v1_GetHealthReportRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_GetHealthReportResponse__Output>): grpc.ClientUnaryCall;
  GetHealthReport(argument: _demeter_v1_GetHealthReportRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_GetHealthReportResponse__Output>): grpc.ClientUnaryCall;
  GetHealthReport(argument: _demeter_v1_GetHealthReportRequest, callback: grpc.requestCallback<_demeter_v1_GetHealthReportResponse__Output>): grpc.ClientUnaryCall;
  getHealthReport(argument: _demeter_v1_GetHealthReportRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_GetHealthReportResponse__Output>): grpc.ClientUnaryCall;
  getHealthReport(argument: _demeter_v1_GetHealthReportRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_GetHealthReportResponse__Output>): grpc.ClientUnaryCall;
  getHealthReport(argument: _demeter_v1_GetHealthReportRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_GetHealthReportResponse__Output>): grpc.ClientUnaryCall;
  getHealthReport(argument: _demeter_v1_GetHealthReportRequest, callback: grpc.requestCallback<_demeter_v1_GetHealthReportResponse__Output>): grpc.ClientUnaryCall;
  
  WatchHealthReport(argument: _demeter_v1_WatchHealthReportRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_WatchHealthReportResponse__Output>;
  WatchHealthReport(argument: _demeter_v1_WatchHealthReportRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_WatchHealthReportResponse__Output>;
  watchHealthReport(argument: _demeter_v1_WatchHealthReportRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_WatchHealthReportResponse__Output>;
  watchHealthReport(argument: _demeter_v1_WatchHealthReportRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_WatchHealthReportResponse__Output>;
  
  Work(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_demeter_v1_WorkRequest, _demeter_v1_WorkResponse__Output>;
  Work(options?: grpc.CallOptions): grpc.ClientDuplexStream<_demeter_v1_WorkRequest, _demeter_v1_WorkResponse__Output>;
  work(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_demeter_v1_WorkRequest, _demeter_v1_WorkResponse__Output>;
  work(options?: grpc.CallOptions): grpc.ClientDuplexStream<_demeter_v1_WorkRequest, _demeter_v1_WorkResponse__Output>;
  
}

export interface MeshHandlers extends grpc.UntypedServiceImplementation {
  GetHealthReport: grpc.handleUnaryCall<_demeter_v1_GetHealthReportRequest__Output, _demeter_v1_GetHealthReportResponse>;
  
  WatchHealthReport: grpc.handleServerStreamingCall<_demeter_v1_WatchHealthReportRequest__Output, _demeter_v1_WatchHealthReportResponse>;
  
  Work: grpc.handleBidiStreamingCall<_demeter_v1_WorkRequest__Output, _demeter_v1_WorkResponse>;
  
}

export interface MeshDefinition extends grpc.ServiceDefinition {
  GetHealthReport: MethodDefinition<_demeter_v1_GetHealthReportRequest, _demeter_v1_GetHealthReportResponse, _demeter_v1_GetHealthReportRequest__Output, _demeter_v1_GetHealthReportResponse__Output>
  WatchHealthReport: MethodDefinition<_demeter_v1_WatchHealthReportRequest, _demeter_v1_WatchHealthReportResponse, _demeter_v1_WatchHealthReportRequest__Output, _demeter_v1_WatchHealthReportResponse__Output>
  Work: MethodDefinition<_demeter_v1_WorkRequest, _demeter_v1_WorkResponse, _demeter_v1_WorkRequest__Output, _demeter_v1_WorkResponse__Output>
}
