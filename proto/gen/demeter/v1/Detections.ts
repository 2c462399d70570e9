// Original file: demeter/v1/mesh.proto

import type { Mask as _demeter_v1_Mask, Mask__Output as _demeter_v1_Mask__Output } from '../../demeter/v1/Mask.ts';

export interface Detections {
  'boxes'?: (number | string)[];
  'confidences'?: (number | string)[];
  'class_ids'?: (number)[];
  'class_names'?: (string)[];
  'rotated'?: (number | string)[];
  'masks'?: (_demeter_v1_Mask)[];
  'keypoints'?: (number | string)[];
  'keypoints_per_object'?: (number);
}

export interface Detections__Output {
  'boxes': (number)[];
  'confidences': (number)[];
  'class_ids': (number)[];
  'class_names': (string)[];
  'rotated': (number)[];
  'masks': (_demeter_v1_Mask__Output)[];
  'keypoints': (number)[];
  'keypoints_per_object': (number);
}
