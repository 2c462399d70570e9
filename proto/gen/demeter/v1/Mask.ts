// Original file: demeter/v1/mesh.proto


export interface Mask {
  'x'?: (number);
  'y'?: (number);
  'width'?: (number);
  'height'?: (number);
  'runs'?: (number)[];
}

export interface Mask__Output {
  'x': (number);
  'y': (number);
  'width': (number);
  'height': (number);
  'runs': (number)[];
}
