// Original file: demeter/v1/models.proto


export interface UnloadModelRequest {
  'name'?: (string);
  'version'?: (string);
}

export interface UnloadModelRequest__Output {
  'name': (string);
  'version': (string);
}
