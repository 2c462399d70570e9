// Original file: demeter/v1/mesh.proto


export interface Failure {
  'work_id'?: (string);
  'code'?: (string);
  'message'?: (string);
  'retryable'?: (boolean);
}

export interface Failure__Output {
  'work_id': (string);
  'code': (string);
  'message': (string);
  'retryable': (boolean);
}
