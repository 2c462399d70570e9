// Original file: demeter/v1/models.proto


export interface PinModelRequest {
  'name'?: (string);
  'version'?: (string);
  'pinned'?: (boolean);
}

export interface PinModelRequest__Output {
  'name': (string);
  'version': (string);
  'pinned': (boolean);
}
