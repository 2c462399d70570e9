// Original file: demeter/v1/mesh.proto

import type { Pipeline as _demeter_v1_Pipeline, Pipeline__Output as _demeter_v1_Pipeline__Output } from '../../demeter/v1/Pipeline.ts';

export interface Photo {
  'work_id'?: (string);
  'sha256'?: (Buffer | Uint8Array | string);
  'content'?: (Buffer | Uint8Array | string);
  'media_type'?: (string);
  'pipeline'?: (_demeter_v1_Pipeline | null);
  'deadline_ms'?: (number);
  'lane'?: (number);
  'traceparent'?: (string);
  'correlation_id'?: (string);
}

export interface Photo__Output {
  'work_id': (string);
  'sha256': (Buffer);
  'content': (Buffer);
  'media_type': (string);
  'pipeline': (_demeter_v1_Pipeline__Output | null);
  'deadline_ms': (number);
  'lane': (number);
  'traceparent': (string);
  'correlation_id': (string);
}
