// Original file: demeter/v1/mesh.proto


export interface Classification {
  'class_name'?: (string);
  'confidence'?: (number | string);
}

export interface Classification__Output {
  'class_name': (string);
  'confidence': (number);
}
