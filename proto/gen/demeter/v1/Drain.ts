// Original file: demeter/v1/mesh.proto


export interface Drain {
  'deadline_ms'?: (number);
}

export interface Drain__Output {
  'deadline_ms': (number);
}
