// Original file: demeter/v1/reprocess.proto

import type { Long } from '@grpc/proto-loader';

// Original file: demeter/v1/reprocess.proto

export const _demeter_v1_Reprocessing_State = {
  STATE_UNSPECIFIED: 'STATE_UNSPECIFIED',
  STATE_RUNNING: 'STATE_RUNNING',
  STATE_PAUSED: 'STATE_PAUSED',
  STATE_COMPLETED: 'STATE_COMPLETED',
  STATE_CANCELLED: 'STATE_CANCELLED',
  STATE_PROMOTED: 'STATE_PROMOTED',
  STATE_DISCARDED: 'STATE_DISCARDED',
  STATE_PROMOTING: 'STATE_PROMOTING',
} as const;

export type _demeter_v1_Reprocessing_State =
  | 'STATE_UNSPECIFIED'
  | 0
  | 'STATE_RUNNING'
  | 1
  | 'STATE_PAUSED'
  | 2
  | 'STATE_COMPLETED'
  | 3
  | 'STATE_CANCELLED'
  | 4
  | 'STATE_PROMOTED'
  | 5
  | 'STATE_DISCARDED'
  | 6
  | 'STATE_PROMOTING'
  | 7

export type _demeter_v1_Reprocessing_State__Output = typeof _demeter_v1_Reprocessing_State[keyof typeof _demeter_v1_Reprocessing_State]

export interface Reprocessing {
  'reprocessing_id'?: (string);
  'name'?: (string);
  'state'?: (_demeter_v1_Reprocessing_State);
  'reason'?: (string);
  'pipeline_digest'?: (Buffer | Uint8Array | string);
  'model'?: (string);
  'photos'?: (number | string | Long);
  'counted'?: (number | string | Long);
  'reused'?: (number | string | Long);
  'failed'?: (number | string | Long);
  'server_minutes'?: (number | string);
  'created_at'?: (string);
  'ended_at'?: (string);
  'plants_before'?: (number | string | Long);
  'plants_after'?: (number | string | Long);
}

export interface Reprocessing__Output {
  'reprocessing_id': (string);
  'name': (string);
  'state': (_demeter_v1_Reprocessing_State__Output);
  'reason': (string);
  'pipeline_digest': (Buffer);
  'model': (string);
  'photos': (string);
  'counted': (string);
  'reused': (string);
  'failed': (string);
  'server_minutes': (number);
  'created_at': (string);
  'ended_at': (string);
  'plants_before': (string);
  'plants_after': (string);
}
