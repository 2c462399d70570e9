// Original file: demeter/v1/mesh.proto


export interface CoreHello {
  'core_id'?: (string);
  'protocol_version'?: (number);
}

export interface CoreHello__Output {
  'core_id': (string);
  'protocol_version': (number);
}
