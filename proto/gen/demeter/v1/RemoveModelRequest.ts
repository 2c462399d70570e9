// Original file: demeter/v1/models.proto


export interface RemoveModelRequest {
  'name'?: (string);
  'version'?: (string);
}

export interface RemoveModelRequest__Output {
  'name': (string);
  'version': (string);
}
