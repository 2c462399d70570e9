// Original file: demeter/v1/registry.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AnnounceRequest as _demeter_v1_AnnounceRequest, AnnounceRequest__Output as _demeter_v1_AnnounceRequest__Output } from '../../demeter/v1/AnnounceRequest.ts';
import type { AnnounceResponse as _demeter_v1_AnnounceResponse, AnnounceResponse__Output as _demeter_v1_AnnounceResponse__Output } from '../../demeter/v1/AnnounceResponse.ts';

export interface RegistryClient extends grpc.Client {
  Announce(argument: _demeter_v1_AnnounceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_AnnounceResponse__Output>): grpc.ClientUnaryCall;
  Announce(argument: _demeter_v1_AnnounceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_AnnounceResponse__Output>): grpc.ClientUnaryCall;
  Announce(argument: _demeter_v1_AnnounceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_AnnounceResponse__Output>): grpc.ClientUnaryCall;
  Announce(argument: _demeter_v1_AnnounceRequest, callback: grpc.requestCallback<_demeter_v1_AnnounceResponse__Output>): grpc.ClientUnaryCall;
  announce(argument: _demeter_v1_AnnounceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_AnnounceResponse__Output>): grpc.ClientUnaryCall;
  announce(argument: _demeter_v1_AnnounceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_demeter_v1_AnnounceResponse__Output>): grpc.ClientUnaryCall;
  announce(argument: _demeter_v1_AnnounceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_demeter_v1_AnnounceResponse__Output>): grpc.ClientUnaryCall;
  announce(argument: _demeter_v1_AnnounceRequest, callback: grpc.requestCallback<_demeter_v1_AnnounceResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface RegistryHandlers extends grpc.UntypedServiceImplementation {
  Announce: grpc.handleUnaryCall<_demeter_v1_AnnounceRequest__Output, _demeter_v1_AnnounceResponse>;
  
}

export interface RegistryDefinition extends grpc.ServiceDefinition {
  Announce: MethodDefinition<_demeter_v1_AnnounceRequest, _demeter_v1_AnnounceResponse, _demeter_v1_AnnounceRequest__Output, _demeter_v1_AnnounceResponse__Output>
}
