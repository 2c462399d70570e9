// Original file: demeter/v1/health_report.proto

import type { Long } from '@grpc/proto-loader';

// Original file: demeter/v1/health_report.proto

export const _demeter_v1_ModelStatus_State = {
  STATE_UNSPECIFIED: 'STATE_UNSPECIFIED',
  STATE_LOADING: 'STATE_LOADING',
  STATE_READY: 'STATE_READY',
  STATE_UNLOADING: 'STATE_UNLOADING',
  STATE_UNAVAILABLE: 'STATE_UNAVAILABLE',
  STATE_UNLOADED: 'STATE_UNLOADED',
} as const;

export type _demeter_v1_ModelStatus_State =
  | 'STATE_UNSPECIFIED'
  | 0
  | 'STATE_LOADING'
  | 1
  | 'STATE_READY'
  | 2
  | 'STATE_UNLOADING'
  | 3
  | 'STATE_UNAVAILABLE'
  | 4
  | 'STATE_UNLOADED'
  | 5

export type _demeter_v1_ModelStatus_State__Output = typeof _demeter_v1_ModelStatus_State[keyof typeof _demeter_v1_ModelStatus_State]

export interface ModelStatus {
  'name'?: (string);
  'version'?: (string);
  'role'?: (string);
  'task'?: (string);
  'digest'?: (Buffer | Uint8Array | string);
  'state'?: (_demeter_v1_ModelStatus_State);
  'reason'?: (string);
  'bytes'?: (number | string | Long);
  'class_names'?: (string)[];
  'tiling'?: (string);
  'provider'?: (string);
  'pinned'?: (boolean);
  'loaded_at_ms'?: (number | string | Long);
  'last_used_at_ms'?: (number | string | Long);
  'batch_sizes'?: (number)[];
  'sessions'?: (number);
  'threads'?: (number);
  'default_version'?: (boolean);
  'images'?: (number | string | Long);
  'executions'?: (number | string | Long);
}

export interface ModelStatus__Output {
  'name': (string);
  'version': (string);
  'role': (string);
  'task': (string);
  'digest': (Buffer);
  'state': (_demeter_v1_ModelStatus_State__Output);
  'reason': (string);
  'bytes': (string);
  'class_names': (string)[];
  'tiling': (string);
  'provider': (string);
  'pinned': (boolean);
  'loaded_at_ms': (string);
  'last_used_at_ms': (string);
  'batch_sizes': (number)[];
  'sessions': (number);
  'threads': (number);
  'default_version': (boolean);
  'images': (string);
  'executions': (string);
}
