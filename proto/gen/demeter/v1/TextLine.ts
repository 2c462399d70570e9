// Original file: demeter/v1/mesh.proto


export interface TextLine {
  'text'?: (string);
  'confidence'?: (number | string);
  'corners'?: (number | string)[];
}

export interface TextLine__Output {
  'text': (string);
  'confidence': (number);
  'corners': (number)[];
}
