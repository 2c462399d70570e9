// Original file: demeter/v1/mesh.proto


export interface Cancel {
  'work_id'?: (string);
}

export interface Cancel__Output {
  'work_id': (string);
}
