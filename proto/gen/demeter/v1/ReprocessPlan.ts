// Original file: demeter/v1/reprocess.proto

import type { Long } from '@grpc/proto-loader';

export interface ReprocessPlan {
  'plan_id'?: (string);
  'pipeline_digest'?: (Buffer | Uint8Array | string);
  'model'?: (string);
  'photos'?: (number | string | Long);
  'in_store'?: (number | string | Long);
  'counted_already'?: (number | string | Long);
  'tiles'?: (number | string | Long);
  'server_minutes'?: (number | string);
  'places'?: (number | string | Long);
  'expires_at'?: (string);
  'notes'?: (string)[];
}

export interface ReprocessPlan__Output {
  'plan_id': (string);
  'pipeline_digest': (Buffer);
  'model': (string);
  'photos': (string);
  'in_store': (string);
  'counted_already': (string);
  'tiles': (string);
  'server_minutes': (number);
  'places': (string);
  'expires_at': (string);
  'notes': (string)[];
}
