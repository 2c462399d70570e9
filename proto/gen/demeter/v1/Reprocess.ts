// Original file: demeter/v1/reprocess.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ReprocessCancelRequest as _demeter_v1_ReprocessCancelRequest, ReprocessCancelRequest__Output as _demeter_v1_ReprocessCancelRequest__Output } from '../../demeter/v1/ReprocessCancelRequest.ts';
import type { ReprocessCancelResponse as _demeter_v1_ReprocessCancelResponse, ReprocessCancelResponse__Output as _demeter_v1_ReprocessCancelResponse__Output } from '../../demeter/v1/ReprocessCancelResponse.ts';
import type { ReprocessCompareRequest as _demeter_v1_ReprocessCompareRequest, ReprocessCompareRequest__Output as _demeter_v1_ReprocessCompareRequest__Output } from '../../demeter/v1/ReprocessCompareRequest.ts';
import type { ReprocessCompareResponse as _demeter_v1_ReprocessCompareResponse, ReprocessCompareResponse__Output as _demeter_v1_ReprocessCompareResponse__Output } from '../../demeter/v1/ReprocessCompareResponse.ts';
import type { ReprocessDiscardRequest as _demeter_v1_ReprocessDiscardRequest, ReprocessDiscardRequest__Output as _demeter_v1_ReprocessDiscardRequest__Output } from '../../demeter/v1/ReprocessDiscardRequest.ts';
import type { ReprocessDiscardResponse as _demeter_v1_ReprocessDiscardResponse, ReprocessDiscardResponse__Output as _demeter_v1_ReprocessDiscardResponse__Output } from '../../demeter/v1/ReprocessDiscardResponse.ts';
import type { ReprocessGetRequest as _demeter_v1_ReprocessGetRequest, ReprocessGetRequest__Output as _demeter_v1_ReprocessGetRequest__Output } from '../../demeter/v1/ReprocessGetRequest.ts';
import type { ReprocessGetResponse as _demeter_v1_ReprocessGetResponse, ReprocessGetResponse__Output as _demeter_v1_ReprocessGetResponse__Output } from '../../demeter/v1/ReprocessGetResponse.ts';
import type { ReprocessListRequest as _demeter_v1_ReprocessListRequest, ReprocessListRequest__Output as _demeter_v1_ReprocessListRequest__Output } from '../../demeter/v1/ReprocessListRequest.ts';
import type { ReprocessListResponse as _demeter_v1_ReprocessListResponse, ReprocessListResponse__Output as _demeter_v1_ReprocessListResponse__Output } from '../../demeter/v1/ReprocessListResponse.ts';
import type { ReprocessPauseRequest as _demeter_v1_ReprocessPauseRequest, ReprocessPauseRequest__Output as _demeter_v1_ReprocessPauseRequest__Output } from '../../demeter/v1/ReprocessPauseRequest.ts';
import type { ReprocessPauseResponse as _demeter_v1_ReprocessPauseResponse, ReprocessPauseResponse__Output as _demeter_v1_ReprocessPauseResponse__Output } from '../../demeter/v1/ReprocessPauseResponse.ts';
import type { ReprocessPlanPhotosRequest as _demeter_v1_ReprocessPlanPhotosRequest, ReprocessPlanPhotosRequest__Output as _demeter_v1_ReprocessPlanPhotosRequest__Output } from '../../demeter/v1/ReprocessPlanPhotosRequest.ts';
import type { ReprocessPlanPhotosResponse as _demeter_v1_ReprocessPlanPhotosResponse, ReprocessPlanPhotosResponse__Output as _demeter_v1_ReprocessPlanPhotosResponse__Output } from '../../demeter/v1/ReprocessPlanPhotosResponse.ts';
import type { ReprocessPlanRequest as _demeter_v1_ReprocessPlanRequest, ReprocessPlanRequest__Output as _demeter_v1_ReprocessPlanRequest__Output } from '../../demeter/v1/ReprocessPlanRequest.ts';
import type { ReprocessPlanResponse as _demeter_v1_ReprocessPlanResponse, ReprocessPlanResponse__Output as _demeter_v1_ReprocessPlanResponse__Output } from '../../demeter/v1/ReprocessPlanResponse.ts';
import type { ReprocessProcessRequest as _demeter_v1_ReprocessProcessRequest, ReprocessProcessRequest__Output as _demeter_v1_ReprocessProcessRequest__Output } from '../../demeter/v1/ReprocessProcessRequest.ts';
import type { ReprocessProcessResponse as _demeter_v1_ReprocessProcessResponse, ReprocessProcessResponse__Output as _demeter_v1_ReprocessProcessResponse__Output } from '../../demeter/v1/ReprocessProcessResponse.ts';
import type { ReprocessPromoteRequest as _demeter_v1_ReprocessPromoteRequest, ReprocessPromoteRequest__Output as _demeter_v1_ReprocessPromoteRequest__Output } from '../../demeter/v1/ReprocessPromoteRequest.ts';
import type { ReprocessPromoteResponse as _demeter_v1_ReprocessPromoteResponse, ReprocessPromoteResponse__Output as _demeter_v1_ReprocessPromoteResponse__Output } from '../../demeter/v1/ReprocessPromoteResponse.ts';
import type { ReprocessResultsRequest as _demeter_v1_ReprocessResultsRequest, ReprocessResultsRequest__Output as _demeter_v1_ReprocessResultsRequest__Output } from '../../demeter/v1/ReprocessResultsRequest.ts';
import type { ReprocessResultsResponse as _demeter_v1_ReprocessResultsResponse, ReprocessResultsResponse__Output as _demeter_v1_ReprocessResultsResponse__Output } from '../../demeter/v1/ReprocessResultsResponse.ts';
import type { ReprocessResumeRequest as _demeter_v1_ReprocessResumeRequest, ReprocessResumeRequest__Output as _demeter_v1_ReprocessResumeRequest__Output } from '../../demeter/v1/ReprocessResumeRequest.ts';
import type { ReprocessResumeResponse as _demeter_v1_ReprocessResumeResponse, ReprocessResumeResponse__Output as _demeter_v1_ReprocessResumeResponse__Output } from '../../demeter/v1/ReprocessResumeResponse.ts';
import type { ReprocessStartRequest as _demeter_v1_ReprocessStartRequest, ReprocessStartRequest__Output as _demeter_v1_ReprocessStartRequest__Output } from '../../demeter/v1/ReprocessStartRequest.ts';
import type { ReprocessStartResponse as _demeter_v1_ReprocessStartResponse, ReprocessStartResponse__Output as _demeter_v1_ReprocessStartResponse__Output } from '../../demeter/v1/ReprocessStartResponse.ts';
import type { ReprocessWatchRequest as _demeter_v1_ReprocessWatchRequest, ReprocessWatchRequest__Output as _demeter_v1_ReprocessWatchRequest__Output } from '../../demeter/v1/ReprocessWatchRequest.ts';
import type { ReprocessWatchResponse as _demeter_v1_ReprocessWatchResponse, ReprocessWatchResponse__Output as _demeter_v1_ReprocessWatchResponse__Output } from '../../demeter/v1/ReprocessWatchResponse.ts';

export interface ReprocessClient extends grpc.Client {
  Cancel(argument: _demeter_v1_ReprocessCancelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessCancelResponse__Output>): grpc.ClientUnaryCall;
  Cancel(argument: _demeter_v1_ReprocessCancelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessCancelResponse__Output>): grpc.ClientUnaryCall;
  Cancel(argument: _demeter_v1_ReprocessCancelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessCancelResponse__Output>): grpc.ClientUnaryCall;
  Cancel(argument: _demeter_v1_ReprocessCancelRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessCancelResponse__Output>): grpc.ClientUnaryCall;
  cancel(argument: _demeter_v1_ReprocessCancelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessCancelResponse__Output>): grpc.ClientUnaryCall;
  cancel(argument: _demeter_v1_ReprocessCancelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessCancelResponse__Output>): grpc.ClientUnaryCall;
  cancel(argument: _demeter_v1_ReprocessCancelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessCancelResponse__Output>): grpc.ClientUnaryCall;
  cancel(argument: _demeter_v1_ReprocessCancelRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessCancelResponse__Output>): grpc.ClientUnaryCall;
  
  Compare(argument: _demeter_v1_ReprocessCompareRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_ReprocessCompareResponse__Output>;
  Compare(argument: _demeter_v1_ReprocessCompareRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_ReprocessCompareResponse__Output>;
  compare(argument: _demeter_v1_ReprocessCompareRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_ReprocessCompareResponse__Output>;
  compare(argument: _demeter_v1_ReprocessCompareRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_ReprocessCompareResponse__Output>;
  
  Discard(argument: _demeter_v1_ReprocessDiscardRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessDiscardResponse__Output>): grpc.ClientUnaryCall;
  Discard(argument: _demeter_v1_ReprocessDiscardRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessDiscardResponse__Output>): grpc.ClientUnaryCall;
  Discard(argument: _demeter_v1_ReprocessDiscardRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessDiscardResponse__Output>): grpc.ClientUnaryCall;
  Discard(argument: _demeter_v1_ReprocessDiscardRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessDiscardResponse__Output>): grpc.ClientUnaryCall;
  discard(argument: _demeter_v1_ReprocessDiscardRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessDiscardResponse__Output>): grpc.ClientUnaryCall;
  discard(argument: _demeter_v1_ReprocessDiscardRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessDiscardResponse__Output>): grpc.ClientUnaryCall;
  discard(argument: _demeter_v1_ReprocessDiscardRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessDiscardResponse__Output>): grpc.ClientUnaryCall;
  discard(argument: _demeter_v1_ReprocessDiscardRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessDiscardResponse__Output>): grpc.ClientUnaryCall;
  
  Get(argument: _demeter_v1_ReprocessGetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessGetResponse__Output>): grpc.ClientUnaryCall;
  Get(argument: _demeter_v1_ReprocessGetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessGetResponse__Output>): grpc.ClientUnaryCall;
  Get(argument: _demeter_v1_ReprocessGetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessGetResponse__Output>): grpc.ClientUnaryCall;
  Get(argument: _demeter_v1_ReprocessGetRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessGetResponse__Output>): grpc.ClientUnaryCall;
  get(argument: _demeter_v1_ReprocessGetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessGetResponse__Output>): grpc.ClientUnaryCall;
  get(argument: _demeter_v1_ReprocessGetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessGetResponse__Output>): grpc.ClientUnaryCall;
  get(argument: _demeter_v1_ReprocessGetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessGetResponse__Output>): grpc.ClientUnaryCall;
  get(argument: _demeter_v1_ReprocessGetRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessGetResponse__Output>): grpc.ClientUnaryCall;
  
  List(argument: _demeter_v1_ReprocessListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessListResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _demeter_v1_ReprocessListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessListResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _demeter_v1_ReprocessListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessListResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _demeter_v1_ReprocessListRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _demeter_v1_ReprocessListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _demeter_v1_ReprocessListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _demeter_v1_ReprocessListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessListResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _demeter_v1_ReprocessListRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessListResponse__Output>): grpc.ClientUnaryCall;
  
  Pause(argument: _demeter_v1_ReprocessPauseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPauseResponse__Output>): grpc.ClientUnaryCall;
  Pause(argument: _demeter_v1_ReprocessPauseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessPauseResponse__Output>): grpc.ClientUnaryCall;
  Pause(argument: _demeter_v1_ReprocessPauseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPauseResponse__Output>): grpc.ClientUnaryCall;
  Pause(argument: _demeter_v1_ReprocessPauseRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessPauseResponse__Output>): grpc.ClientUnaryCall;
  pause(argument: _demeter_v1_ReprocessPauseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPauseResponse__Output>): grpc.ClientUnaryCall;
  pause(argument: _demeter_v1_ReprocessPauseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessPauseResponse__Output>): grpc.ClientUnaryCall;
  pause(argument: _demeter_v1_ReprocessPauseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPauseResponse__Output>): grpc.ClientUnaryCall;
  pause(argument: _demeter_v1_ReprocessPauseRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessPauseResponse__Output>): grpc.ClientUnaryCall;
  
  Plan(argument: _demeter_v1_ReprocessPlanRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanResponse__Output>): grpc.ClientUnaryCall;
  Plan(argument: _demeter_v1_ReprocessPlanRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanResponse__Output>): grpc.ClientUnaryCall;
  Plan(argument: _demeter_v1_ReprocessPlanRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanResponse__Output>): grpc.ClientUnaryCall;
  Plan(argument: _demeter_v1_ReprocessPlanRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanResponse__Output>): grpc.ClientUnaryCall;
  plan(argument: _demeter_v1_ReprocessPlanRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanResponse__Output>): grpc.ClientUnaryCall;
  plan(argument: _demeter_v1_ReprocessPlanRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanResponse__Output>): grpc.ClientUnaryCall;
  plan(argument: _demeter_v1_ReprocessPlanRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanResponse__Output>): grpc.ClientUnaryCall;
  plan(argument: _demeter_v1_ReprocessPlanRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanResponse__Output>): grpc.ClientUnaryCall;
  
  PlanPhotos(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanPhotosResponse__Output>): grpc.ClientWritableStream<_demeter_v1_ReprocessPlanPhotosRequest>;
  PlanPhotos(metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanPhotosResponse__Output>): grpc.ClientWritableStream<_demeter_v1_ReprocessPlanPhotosRequest>;
  PlanPhotos(options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanPhotosResponse__Output>): grpc.ClientWritableStream<_demeter_v1_ReprocessPlanPhotosRequest>;
  PlanPhotos(callback: grpc.requestCallback<_demeter_v1_ReprocessPlanPhotosResponse__Output>): grpc.ClientWritableStream<_demeter_v1_ReprocessPlanPhotosRequest>;
  planPhotos(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanPhotosResponse__Output>): grpc.ClientWritableStream<_demeter_v1_ReprocessPlanPhotosRequest>;
  planPhotos(metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanPhotosResponse__Output>): grpc.ClientWritableStream<_demeter_v1_ReprocessPlanPhotosRequest>;
  planPhotos(options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPlanPhotosResponse__Output>): grpc.ClientWritableStream<_demeter_v1_ReprocessPlanPhotosRequest>;
  planPhotos(callback: grpc.requestCallback<_demeter_v1_ReprocessPlanPhotosResponse__Output>): grpc.ClientWritableStream<_demeter_v1_ReprocessPlanPhotosRequest>;
  
  Process(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_demeter_v1_ReprocessProcessRequest, _demeter_v1_ReprocessProcessResponse__Output>;
  Process(options?: grpc.CallOptions): grpc.ClientDuplexStream<_demeter_v1_ReprocessProcessRequest, _demeter_v1_ReprocessProcessResponse__Output>;
  process(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_demeter_v1_ReprocessProcessRequest, _demeter_v1_ReprocessProcessResponse__Output>;
  process(options?: grpc.CallOptions): grpc.ClientDuplexStream<_demeter_v1_ReprocessProcessRequest, _demeter_v1_ReprocessProcessResponse__Output>;
  
  Promote(argument: _demeter_v1_ReprocessPromoteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPromoteResponse__Output>): grpc.ClientUnaryCall;
  Promote(argument: _demeter_v1_ReprocessPromoteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessPromoteResponse__Output>): grpc.ClientUnaryCall;
  Promote(argument: _demeter_v1_ReprocessPromoteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPromoteResponse__Output>): grpc.ClientUnaryCall;
  Promote(argument: _demeter_v1_ReprocessPromoteRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessPromoteResponse__Output>): grpc.ClientUnaryCall;
  promote(argument: _demeter_v1_ReprocessPromoteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPromoteResponse__Output>): grpc.ClientUnaryCall;
  promote(argument: _demeter_v1_ReprocessPromoteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessPromoteResponse__Output>): grpc.ClientUnaryCall;
  promote(argument: _demeter_v1_ReprocessPromoteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessPromoteResponse__Output>): grpc.ClientUnaryCall;
  promote(argument: _demeter_v1_ReprocessPromoteRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessPromoteResponse__Output>): grpc.ClientUnaryCall;
  
  Results(argument: _demeter_v1_ReprocessResultsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_ReprocessResultsResponse__Output>;
  Results(argument: _demeter_v1_ReprocessResultsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_ReprocessResultsResponse__Output>;
  results(argument: _demeter_v1_ReprocessResultsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_ReprocessResultsResponse__Output>;
  results(argument: _demeter_v1_ReprocessResultsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_ReprocessResultsResponse__Output>;
  
  Resume(argument: _demeter_v1_ReprocessResumeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessResumeResponse__Output>): grpc.ClientUnaryCall;
  Resume(argument: _demeter_v1_ReprocessResumeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessResumeResponse__Output>): grpc.ClientUnaryCall;
  Resume(argument: _demeter_v1_ReprocessResumeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessResumeResponse__Output>): grpc.ClientUnaryCall;
  Resume(argument: _demeter_v1_ReprocessResumeRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessResumeResponse__Output>): grpc.ClientUnaryCall;
  resume(argument: _demeter_v1_ReprocessResumeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessResumeResponse__Output>): grpc.ClientUnaryCall;
  resume(argument: _demeter_v1_ReprocessResumeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessResumeResponse__Output>): grpc.ClientUnaryCall;
  resume(argument: _demeter_v1_ReprocessResumeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessResumeResponse__Output>): grpc.ClientUnaryCall;
  resume(argument: _demeter_v1_ReprocessResumeRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessResumeResponse__Output>): grpc.ClientUnaryCall;
  
  Start(argument: _demeter_v1_ReprocessStartRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessStartResponse__Output>): grpc.ClientUnaryCall;
  Start(argument: _demeter_v1_ReprocessStartRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessStartResponse__Output>): grpc.ClientUnaryCall;
  Start(argument: _demeter_v1_ReprocessStartRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessStartResponse__Output>): grpc.ClientUnaryCall;
  Start(argument: _demeter_v1_ReprocessStartRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessStartResponse__Output>): grpc.ClientUnaryCall;
  start(argument: _demeter_v1_ReprocessStartRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessStartResponse__Output>): grpc.ClientUnaryCall;
  start(argument: _demeter_v1_ReprocessStartRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ReprocessStartResponse__Output>): grpc.ClientUnaryCall;
  start(argument: _demeter_v1_ReprocessStartRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ReprocessStartResponse__Output>): grpc.ClientUnaryCall;
  start(argument: _demeter_v1_ReprocessStartRequest, callback: grpc.requestCallback<_demeter_v1_ReprocessStartResponse__Output>): grpc.ClientUnaryCall;
  
  Watch(argument: _demeter_v1_ReprocessWatchRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_ReprocessWatchResponse__Output>;
  Watch(argument: _demeter_v1_ReprocessWatchRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_ReprocessWatchResponse__Output>;
  watch(argument: _demeter_v1_ReprocessWatchRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_ReprocessWatchResponse__Output>;
  watch(argument: _demeter_v1_ReprocessWatchRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_demeter_v1_ReprocessWatchResponse__Output>;
  
}

export interface ReprocessHandlers extends grpc.UntypedServiceImplementation {
  Cancel: grpc.handleUnaryCall<_demeter_v1_ReprocessCancelRequest__Output, _demeter_v1_ReprocessCancelResponse>;
  
  Compare: grpc.handleServerStreamingCall<_demeter_v1_ReprocessCompareRequest__Output, _demeter_v1_ReprocessCompareResponse>;
  
  Discard: grpc.handleUnaryCall<_demeter_v1_ReprocessDiscardRequest__Output, _demeter_v1_ReprocessDiscardResponse>;
  
  Get: grpc.handleUnaryCall<_demeter_v1_ReprocessGetRequest__Output, _demeter_v1_ReprocessGetResponse>;
  
  List: grpc.handleUnaryCall<_demeter_v1_ReprocessListRequest__Output, _demeter_v1_ReprocessListResponse>;
  
  Pause: grpc.handleUnaryCall<_demeter_v1_ReprocessPauseRequest__Output, _demeter_v1_ReprocessPauseResponse>;
  
  Plan: grpc.handleUnaryCall<_demeter_v1_ReprocessPlanRequest__Output, _demeter_v1_ReprocessPlanResponse>;
  
  PlanPhotos: grpc.handleClientStreamingCall<_demeter_v1_ReprocessPlanPhotosRequest__Output, _demeter_v1_ReprocessPlanPhotosResponse>;
  
  Process: grpc.handleBidiStreamingCall<_demeter_v1_ReprocessProcessRequest__Output, _demeter_v1_ReprocessProcessResponse>;
  
  Promote: grpc.handleUnaryCall<_demeter_v1_ReprocessPromoteRequest__Output, _demeter_v1_ReprocessPromoteResponse>;
  
  Results: grpc.handleServerStreamingCall<_demeter_v1_ReprocessResultsRequest__Output, _demeter_v1_ReprocessResultsResponse>;
  
  Resume: grpc.handleUnaryCall<_demeter_v1_ReprocessResumeRequest__Output, _demeter_v1_ReprocessResumeResponse>;
  
  Start: grpc.handleUnaryCall<_demeter_v1_ReprocessStartRequest__Output, _demeter_v1_ReprocessStartResponse>;
  
  Watch: grpc.handleServerStreamingCall<_demeter_v1_ReprocessWatchRequest__Output, _demeter_v1_ReprocessWatchResponse>;
  
}

export interface ReprocessDefinition extends grpc.ServiceDefinition {
  Cancel: MethodDefinition<_demeter_v1_ReprocessCancelRequest, _demeter_v1_ReprocessCancelResponse, _demeter_v1_ReprocessCancelRequest__Output, _demeter_v1_ReprocessCancelResponse__Output>
  Compare: MethodDefinition<_demeter_v1_ReprocessCompareRequest, _demeter_v1_ReprocessCompareResponse, _demeter_v1_ReprocessCompareRequest__Output, _demeter_v1_ReprocessCompareResponse__Output>
  Discard: MethodDefinition<_demeter_v1_ReprocessDiscardRequest, _demeter_v1_ReprocessDiscardResponse, _demeter_v1_ReprocessDiscardRequest__Output, _demeter_v1_ReprocessDiscardResponse__Output>
  Get: MethodDefinition<_demeter_v1_ReprocessGetRequest, _demeter_v1_ReprocessGetResponse, _demeter_v1_ReprocessGetRequest__Output, _demeter_v1_ReprocessGetResponse__Output>
  List: MethodDefinition<_demeter_v1_ReprocessListRequest, _demeter_v1_ReprocessListResponse, _demeter_v1_ReprocessListRequest__Output, _demeter_v1_ReprocessListResponse__Output>
  Pause: MethodDefinition<_demeter_v1_ReprocessPauseRequest, _demeter_v1_ReprocessPauseResponse, _demeter_v1_ReprocessPauseRequest__Output, _demeter_v1_ReprocessPauseResponse__Output>
  Plan: MethodDefinition<_demeter_v1_ReprocessPlanRequest, _demeter_v1_ReprocessPlanResponse, _demeter_v1_ReprocessPlanRequest__Output, _demeter_v1_ReprocessPlanResponse__Output>
  PlanPhotos: MethodDefinition<_demeter_v1_ReprocessPlanPhotosRequest, _demeter_v1_ReprocessPlanPhotosResponse, _demeter_v1_ReprocessPlanPhotosRequest__Output, _demeter_v1_ReprocessPlanPhotosResponse__Output>
  Process: MethodDefinition<_demeter_v1_ReprocessProcessRequest, _demeter_v1_ReprocessProcessResponse, _demeter_v1_ReprocessProcessRequest__Output, _demeter_v1_ReprocessProcessResponse__Output>
  Promote: MethodDefinition<_demeter_v1_ReprocessPromoteRequest, _demeter_v1_ReprocessPromoteResponse, _demeter_v1_ReprocessPromoteRequest__Output, _demeter_v1_ReprocessPromoteResponse__Output>
  Results: MethodDefinition<_demeter_v1_ReprocessResultsRequest, _demeter_v1_ReprocessResultsResponse, _demeter_v1_ReprocessResultsRequest__Output, _demeter_v1_ReprocessResultsResponse__Output>
  Resume: MethodDefinition<_demeter_v1_ReprocessResumeRequest, _demeter_v1_ReprocessResumeResponse, _demeter_v1_ReprocessResumeRequest__Output, _demeter_v1_ReprocessResumeResponse__Output>
  Start: MethodDefinition<_demeter_v1_ReprocessStartRequest, _demeter_v1_ReprocessStartResponse, _demeter_v1_ReprocessStartRequest__Output, _demeter_v1_ReprocessStartResponse__Output>
  Watch: MethodDefinition<_demeter_v1_ReprocessWatchRequest, _demeter_v1_ReprocessWatchResponse, _demeter_v1_ReprocessWatchRequest__Output, _demeter_v1_ReprocessWatchResponse__Output>
}
