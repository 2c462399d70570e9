// Original file: demeter/v1/mesh.proto

import type { Detections as _demeter_v1_Detections, Detections__Output as _demeter_v1_Detections__Output } from '../../demeter/v1/Detections.ts';
import type { Timings as _demeter_v1_Timings, Timings__Output as _demeter_v1_Timings__Output } from '../../demeter/v1/Timings.ts';
import type { Classification as _demeter_v1_Classification, Classification__Output as _demeter_v1_Classification__Output } from '../../demeter/v1/Classification.ts';
import type { TextLine as _demeter_v1_TextLine, TextLine__Output as _demeter_v1_TextLine__Output } from '../../demeter/v1/TextLine.ts';

export interface Result {
  'work_id'?: (string);
  'sha256'?: (Buffer | Uint8Array | string);
  'width'?: (number);
  'height'?: (number);
  'detections'?: (_demeter_v1_Detections | null);
  'counted_long_side_px'?: (number);
  'tiles'?: (number);
  'capped'?: (boolean);
  'timings'?: (_demeter_v1_Timings | null);
  'provider'?: (string);
  'server_id'?: (string);
  'classifications'?: (_demeter_v1_Classification)[];
  'embedding'?: (number | string)[];
  'texts'?: (_demeter_v1_TextLine)[];
}

export interface Result__Output {
  'work_id': (string);
  'sha256': (Buffer);
  'width': (number);
  'height': (number);
  'detections': (_demeter_v1_Detections__Output | null);
  'counted_long_side_px': (number);
  'tiles': (number);
  'capped': (boolean);
  'timings': (_demeter_v1_Timings__Output | null);
  'provider': (string);
  'server_id': (string);
  'classifications': (_demeter_v1_Classification__Output)[];
  'embedding': (number)[];
  'texts': (_demeter_v1_TextLine__Output)[];
}
