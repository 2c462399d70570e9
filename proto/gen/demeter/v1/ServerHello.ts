// Original file: demeter/v1/mesh.proto


export interface ServerHello {
  'server_id'?: (string);
  'epoch'?: (string);
  'protocol_version'?: (number);
}

export interface ServerHello__Output {
  'server_id': (string);
  'epoch': (string);
  'protocol_version': (number);
}
