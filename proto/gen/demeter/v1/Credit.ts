// Original file: demeter/v1/mesh.proto


export interface Credit {
  'photos'?: (number);
}

export interface Credit__Output {
  'photos': (number);
}
