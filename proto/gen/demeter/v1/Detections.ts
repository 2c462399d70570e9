// Original file: demeter/v1/mesh.proto


export interface Detections {
  'boxes'?: (number | string)[];
  'confidences'?: (number | string)[];
  'class_ids'?: (number)[];
  'class_names'?: (string)[];
}

export interface Detections__Output {
  'boxes': (number)[];
  'confidences': (number)[];
  'class_ids': (number)[];
  'class_names': (string)[];
}
