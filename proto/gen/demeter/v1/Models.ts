// Original file: demeter/v1/models.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ListModelsRequest as _demeter_v1_ListModelsRequest, ListModelsRequest__Output as _demeter_v1_ListModelsRequest__Output } from '../../demeter/v1/ListModelsRequest.ts';
import type { ListModelsResponse as _demeter_v1_ListModelsResponse, ListModelsResponse__Output as _demeter_v1_ListModelsResponse__Output } from '../../demeter/v1/ListModelsResponse.ts';
import type { LoadModelRequest as _demeter_v1_LoadModelRequest, LoadModelRequest__Output as _demeter_v1_LoadModelRequest__Output } from '../../demeter/v1/LoadModelRequest.ts';
import type { LoadModelResponse as _demeter_v1_LoadModelResponse, LoadModelResponse__Output as _demeter_v1_LoadModelResponse__Output } from '../../demeter/v1/LoadModelResponse.ts';
import type { PinModelRequest as _demeter_v1_PinModelRequest, PinModelRequest__Output as _demeter_v1_PinModelRequest__Output } from '../../demeter/v1/PinModelRequest.ts';
import type { PinModelResponse as _demeter_v1_PinModelResponse, PinModelResponse__Output as _demeter_v1_PinModelResponse__Output } from '../../demeter/v1/PinModelResponse.ts';
import type { RemoveModelRequest as _demeter_v1_RemoveModelRequest, RemoveModelRequest__Output as _demeter_v1_RemoveModelRequest__Output } from '../../demeter/v1/RemoveModelRequest.ts';
import type { RemoveModelResponse as _demeter_v1_RemoveModelResponse, RemoveModelResponse__Output as _demeter_v1_RemoveModelResponse__Output } from '../../demeter/v1/RemoveModelResponse.ts';
import type { UnloadModelRequest as _demeter_v1_UnloadModelRequest, UnloadModelRequest__Output as _demeter_v1_UnloadModelRequest__Output } from '../../demeter/v1/UnloadModelRequest.ts';
import type { UnloadModelResponse as _demeter_v1_UnloadModelResponse, UnloadModelResponse__Output as _demeter_v1_UnloadModelResponse__Output } from '../../demeter/v1/UnloadModelResponse.ts';
import type { UploadModelRequest as _demeter_v1_UploadModelRequest, UploadModelRequest__Output as _demeter_v1_UploadModelRequest__Output } from '../../demeter/v1/UploadModelRequest.ts';
import type { UploadModelResponse as _demeter_v1_UploadModelResponse, UploadModelResponse__Output as _demeter_v1_UploadModelResponse__Output } from '../../demeter/v1/UploadModelResponse.ts';

export interface ModelsClient extends grpc.Client {
  ListModels(argument: _demeter_v1_ListModelsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  ListModels(argument: _demeter_v1_ListModelsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  ListModels(argument: _demeter_v1_ListModelsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  ListModels(argument: _demeter_v1_ListModelsRequest, callback: grpc.requestCallback<_demeter_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  listModels(argument: _demeter_v1_ListModelsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  listModels(argument: _demeter_v1_ListModelsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  listModels(argument: _demeter_v1_ListModelsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  listModels(argument: _demeter_v1_ListModelsRequest, callback: grpc.requestCallback<_demeter_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  
  LoadModel(argument: _demeter_v1_LoadModelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_LoadModelResponse__Output>): grpc.ClientUnaryCall;
  LoadModel(argument: _demeter_v1_LoadModelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_LoadModelResponse__Output>): grpc.ClientUnaryCall;
  LoadModel(argument: _demeter_v1_LoadModelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_LoadModelResponse__Output>): grpc.ClientUnaryCall;
  LoadModel(argument: _demeter_v1_LoadModelRequest, callback: grpc.requestCallback<_demeter_v1_LoadModelResponse__Output>): grpc.ClientUnaryCall;
  loadModel(argument: _demeter_v1_LoadModelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_LoadModelResponse__Output>): grpc.ClientUnaryCall;
  loadModel(argument: _demeter_v1_LoadModelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_LoadModelResponse__Output>): grpc.ClientUnaryCall;
  loadModel(argument: _demeter_v1_LoadModelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_LoadModelResponse__Output>): grpc.ClientUnaryCall;
  loadModel(argument: _demeter_v1_LoadModelRequest, callback: grpc.requestCallback<_demeter_v1_LoadModelResponse__Output>): grpc.ClientUnaryCall;
  
  PinModel(argument: _demeter_v1_PinModelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_PinModelResponse__Output>): grpc.ClientUnaryCall;
  PinModel(argument: _demeter_v1_PinModelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_PinModelResponse__Output>): grpc.ClientUnaryCall;
  PinModel(argument: _demeter_v1_PinModelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_PinModelResponse__Output>): grpc.ClientUnaryCall;
  PinModel(argument: _demeter_v1_PinModelRequest, callback: grpc.requestCallback<_demeter_v1_PinModelResponse__Output>): grpc.ClientUnaryCall;
  pinModel(argument: _demeter_v1_PinModelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_PinModelResponse__Output>): grpc.ClientUnaryCall;
  pinModel(argument: _demeter_v1_PinModelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_PinModelResponse__Output>): grpc.ClientUnaryCall;
  pinModel(argument: _demeter_v1_PinModelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_PinModelResponse__Output>): grpc.ClientUnaryCall;
  pinModel(argument: _demeter_v1_PinModelRequest, callback: grpc.requestCallback<_demeter_v1_PinModelResponse__Output>): grpc.ClientUnaryCall;
  
  RemoveModel(argument: _demeter_v1_RemoveModelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_RemoveModelResponse__Output>): grpc.ClientUnaryCall;
  RemoveModel(argument: _demeter_v1_RemoveModelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_RemoveModelResponse__Output>): grpc.ClientUnaryCall;
  RemoveModel(argument: _demeter_v1_RemoveModelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_RemoveModelResponse__Output>): grpc.ClientUnaryCall;
  RemoveModel(argument: _demeter_v1_RemoveModelRequest, callback: grpc.requestCallback<_demeter_v1_RemoveModelResponse__Output>): grpc.ClientUnaryCall;
  removeModel(argument: _demeter_v1_RemoveModelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_RemoveModelResponse__Output>): grpc.ClientUnaryCall;
  removeModel(argument: _demeter_v1_RemoveModelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_RemoveModelResponse__Output>): grpc.ClientUnaryCall;
  removeModel(argument: _demeter_v1_RemoveModelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_RemoveModelResponse__Output>): grpc.ClientUnaryCall;
  removeModel(argument: _demeter_v1_RemoveModelRequest, callback: grpc.requestCallback<_demeter_v1_RemoveModelResponse__Output>): grpc.ClientUnaryCall;
  
  UnloadModel(argument: _demeter_v1_UnloadModelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_UnloadModelResponse__Output>): grpc.ClientUnaryCall;
  UnloadModel(argument: _demeter_v1_UnloadModelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_UnloadModelResponse__Output>): grpc.ClientUnaryCall;
  UnloadModel(argument: _demeter_v1_UnloadModelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_UnloadModelResponse__Output>): grpc.ClientUnaryCall;
  UnloadModel(argument: _demeter_v1_UnloadModelRequest, callback: grpc.requestCallback<_demeter_v1_UnloadModelResponse__Output>): grpc.ClientUnaryCall;
  unloadModel(argument: _demeter_v1_UnloadModelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_UnloadModelResponse__Output>): grpc.ClientUnaryCall;
  unloadModel(argument: _demeter_v1_UnloadModelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_UnloadModelResponse__Output>): grpc.ClientUnaryCall;
  unloadModel(argument: _demeter_v1_UnloadModelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_UnloadModelResponse__Output>): grpc.ClientUnaryCall;
  unloadModel(argument: _demeter_v1_UnloadModelRequest, callback: grpc.requestCallback<_demeter_v1_UnloadModelResponse__Output>): grpc.ClientUnaryCall;
  
  UploadModel(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_UploadModelResponse__Output>): grpc.ClientWritableStream<_demeter_v1_UploadModelRequest>;
  UploadModel(metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_UploadModelResponse__Output>): grpc.ClientWritableStream<_demeter_v1_UploadModelRequest>;
  UploadModel(options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_UploadModelResponse__Output>): grpc.ClientWritableStream<_demeter_v1_UploadModelRequest>;
  UploadModel(callback: grpc.requestCallback<_demeter_v1_UploadModelResponse__Output>): grpc.ClientWritableStream<_demeter_v1_UploadModelRequest>;
  uploadModel(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_UploadModelResponse__Output>): grpc.ClientWritableStream<_demeter_v1_UploadModelRequest>;
  uploadModel(metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_UploadModelResponse__Output>): grpc.ClientWritableStream<_demeter_v1_UploadModelRequest>;
  uploadModel(options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_UploadModelResponse__Output>): grpc.ClientWritableStream<_demeter_v1_UploadModelRequest>;
  uploadModel(callback: grpc.requestCallback<_demeter_v1_UploadModelResponse__Output>): grpc.ClientWritableStream<_demeter_v1_UploadModelRequest>;
  
}

export interface ModelsHandlers extends grpc.UntypedServiceImplementation {
  ListModels: grpc.handleUnaryCall<_demeter_v1_ListModelsRequest__Output, _demeter_v1_ListModelsResponse>;
  
  LoadModel: grpc.handleUnaryCall<_demeter_v1_LoadModelRequest__Output, _demeter_v1_LoadModelResponse>;
  
  PinModel: grpc.handleUnaryCall<_demeter_v1_PinModelRequest__Output, _demeter_v1_PinModelResponse>;
  
  RemoveModel: grpc.handleUnaryCall<_demeter_v1_RemoveModelRequest__Output, _demeter_v1_RemoveModelResponse>;
  
  UnloadModel: grpc.handleUnaryCall<_demeter_v1_UnloadModelRequest__Output, _demeter_v1_UnloadModelResponse>;
  
  UploadModel: grpc.handleClientStreamingCall<_demeter_v1_UploadModelRequest__Output, _demeter_v1_UploadModelResponse>;
  
}

export interface ModelsDefinition extends grpc.ServiceDefinition {
  ListModels: MethodDefinition<_demeter_v1_ListModelsRequest, _demeter_v1_ListModelsResponse, _demeter_v1_ListModelsRequest__Output, _demeter_v1_ListModelsResponse__Output>
  LoadModel: MethodDefinition<_demeter_v1_LoadModelRequest, _demeter_v1_LoadModelResponse, _demeter_v1_LoadModelRequest__Output, _demeter_v1_LoadModelResponse__Output>
  PinModel: MethodDefinition<_demeter_v1_PinModelRequest, _demeter_v1_PinModelResponse, _demeter_v1_PinModelRequest__Output, _demeter_v1_PinModelResponse__Output>
  RemoveModel: MethodDefinition<_demeter_v1_RemoveModelRequest, _demeter_v1_RemoveModelResponse, _demeter_v1_RemoveModelRequest__Output, _demeter_v1_RemoveModelResponse__Output>
  UnloadModel: MethodDefinition<_demeter_v1_UnloadModelRequest, _demeter_v1_UnloadModelResponse, _demeter_v1_UnloadModelRequest__Output, _demeter_v1_UnloadModelResponse__Output>
  UploadModel: MethodDefinition<_demeter_v1_UploadModelRequest, _demeter_v1_UploadModelResponse, _demeter_v1_UploadModelRequest__Output, _demeter_v1_UploadModelResponse__Output>
}
