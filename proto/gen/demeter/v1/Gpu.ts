// Original file: demeter/v1/health_report.proto

import type { Long } from '@grpc/proto-loader';

export interface Gpu {
  'uuid'?: (string);
  'name'?: (string);
  'vram_total_bytes'?: (number | string | Long);
  'vram_used_bytes'?: (number | string | Long);
  'vram_free_bytes'?: (number | string | Long);
  'temperature_celsius'?: (number);
  'utilization_percent'?: (number);
  'power_watts'?: (number | string);
  'other_pids'?: (number)[];
}

export interface Gpu__Output {
  'uuid': (string);
  'name': (string);
  'vram_total_bytes': (string);
  'vram_used_bytes': (string);
  'vram_free_bytes': (string);
  'temperature_celsius': (number);
  'utilization_percent': (number);
  'power_watts': (number);
  'other_pids': (number)[];
}
