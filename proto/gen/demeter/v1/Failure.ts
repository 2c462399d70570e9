// Original file: demeter/v1/mesh.proto


export interface Failure {
  'work_id'?: (string);
  'code'?: (string);
  'message'?: (string);
  'retryable'?: (boolean);
  'retry_after_ms'?: (number);
}

export interface Failure__Output {
  'work_id': (string);
  'code': (string);
  'message': (string);
  'retryable': (boolean);
  'retry_after_ms': (number);
}
