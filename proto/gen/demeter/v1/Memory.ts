// Original file: demeter/v1/health_report.proto

import type { Long } from '@grpc/proto-loader';

// Original file: demeter/v1/health_report.proto

export const _demeter_v1_Memory_Kind = {
  KIND_UNSPECIFIED: 'KIND_UNSPECIFIED',
  KIND_VRAM: 'KIND_VRAM',
  KIND_RESIDENT: 'KIND_RESIDENT',
} as const;

export type _demeter_v1_Memory_Kind =
  | 'KIND_UNSPECIFIED'
  | 0
  | 'KIND_VRAM'
  | 1
  | 'KIND_RESIDENT'
  | 2

export type _demeter_v1_Memory_Kind__Output = typeof _demeter_v1_Memory_Kind[keyof typeof _demeter_v1_Memory_Kind]

export interface Memory {
  'kind'?: (_demeter_v1_Memory_Kind);
  'total_bytes'?: (number | string | Long);
  'used_bytes'?: (number | string | Long);
  'free_bytes'?: (number | string | Long);
  'models_bytes'?: (number | string | Long);
  'other_bytes'?: (number | string | Long);
}

export interface Memory__Output {
  'kind': (_demeter_v1_Memory_Kind__Output);
  'total_bytes': (string);
  'used_bytes': (string);
  'free_bytes': (string);
  'models_bytes': (string);
  'other_bytes': (string);
}
