// Original file: demeter/v1/models.proto


export interface LoadModelRequest {
  'name'?: (string);
  'version'?: (string);
  'pin'?: (boolean);
}

export interface LoadModelRequest__Output {
  'name': (string);
  'version': (string);
  'pin': (boolean);
}
