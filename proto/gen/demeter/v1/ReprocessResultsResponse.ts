// Original file: demeter/v1/reprocess.proto

import type { Detections as _demeter_v1_Detections, Detections__Output as _demeter_v1_Detections__Output } from '../../demeter/v1/Detections.ts';

export interface ReprocessResultsResponse {
  'cursor'?: (string);
  'sha256'?: (Buffer | Uint8Array | string);
  'run_id'?: (string);
  'outcome'?: (string);
  'error_code'?: (string);
  'detected'?: (number);
  'counts'?: ({[key: string]: number});
  'detected_before'?: (number);
  'found'?: (_demeter_v1_Detections | null);
  '_detected_before'?: "detected_before";
}

export interface ReprocessResultsResponse__Output {
  'cursor': (string);
  'sha256': (Buffer);
  'run_id': (string);
  'outcome': (string);
  'error_code': (string);
  'detected': (number);
  'counts': ({[key: string]: number});
  'detected_before'?: (number);
  'found': (_demeter_v1_Detections__Output | null);
  '_detected_before'?: "detected_before";
}
