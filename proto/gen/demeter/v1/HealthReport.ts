// Original file: demeter/v1/health_report.proto

import type { Gpu as _demeter_v1_Gpu, Gpu__Output as _demeter_v1_Gpu__Output } from '../../demeter/v1/Gpu.ts';
import type { ModelStatus as _demeter_v1_ModelStatus, ModelStatus__Output as _demeter_v1_ModelStatus__Output } from '../../demeter/v1/ModelStatus.ts';
import type { Memory as _demeter_v1_Memory, Memory__Output as _demeter_v1_Memory__Output } from '../../demeter/v1/Memory.ts';
import type { Long } from '@grpc/proto-loader';

export interface HealthReport {
  'server_id'?: (string);
  'epoch'?: (string);
  'version'?: (string);
  'ready'?: (boolean);
  'reason'?: (string);
  'provider'?: (string);
  'gpu'?: (_demeter_v1_Gpu | null);
  'models'?: (_demeter_v1_ModelStatus)[];
  'queued'?: (number);
  'in_flight'?: (number);
  'photos_completed'?: (number | string | Long);
  'photos_failed'?: (number | string | Long);
  'tiles_completed'?: (number | string | Long);
  'tiles_per_second'?: (number | string);
  'inference_ms_p50'?: (number | string);
  'inference_ms_p95'?: (number | string);
  'resident_bytes'?: (number | string | Long);
  'reported_at_ms'?: (number | string | Long);
  'draining'?: (boolean);
  'provider_reason'?: (string);
  'memory'?: (_demeter_v1_Memory | null);
  'oldest_queued_ms'?: (number);
  'photos_per_second'?: (number | string);
  'evictions'?: (number | string | Long);
  'fallbacks'?: (number | string | Long);
  'restarts'?: (number);
  'queue_ms_p50'?: (number | string);
  'queue_ms_p95'?: (number | string);
}

export interface HealthReport__Output {
  'server_id': (string);
  'epoch': (string);
  'version': (string);
  'ready': (boolean);
  'reason': (string);
  'provider': (string);
  'gpu': (_demeter_v1_Gpu__Output | null);
  'models': (_demeter_v1_ModelStatus__Output)[];
  'queued': (number);
  'in_flight': (number);
  'photos_completed': (string);
  'photos_failed': (string);
  'tiles_completed': (string);
  'tiles_per_second': (number);
  'inference_ms_p50': (number);
  'inference_ms_p95': (number);
  'resident_bytes': (string);
  'reported_at_ms': (string);
  'draining': (boolean);
  'provider_reason': (string);
  'memory': (_demeter_v1_Memory__Output | null);
  'oldest_queued_ms': (number);
  'photos_per_second': (number);
  'evictions': (string);
  'fallbacks': (string);
  'restarts': (number);
  'queue_ms_p50': (number);
  'queue_ms_p95': (number);
}
