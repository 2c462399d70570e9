// Original file: demeter/v1/reprocess.proto

import type { Detections as _demeter_v1_Detections, Detections__Output as _demeter_v1_Detections__Output } from '../../demeter/v1/Detections.ts';

export interface OwnPhotoResult {
  'reference'?: (string);
  'sha256'?: (Buffer | Uint8Array | string);
  'width'?: (number);
  'height'?: (number);
  'detected'?: (number);
  'counts'?: ({[key: string]: number});
  'found'?: (_demeter_v1_Detections | null);
}

export interface OwnPhotoResult__Output {
  'reference': (string);
  'sha256': (Buffer);
  'width': (number);
  'height': (number);
  'detected': (number);
  'counts': ({[key: string]: number});
  'found': (_demeter_v1_Detections__Output | null);
}
