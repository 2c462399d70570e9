// Original file: demeter/v1/reprocess.proto


export interface OwnPhotoFailure {
  'reference'?: (string);
  'code'?: (string);
  'message'?: (string);
  'retryable'?: (boolean);
}

export interface OwnPhotoFailure__Output {
  'reference': (string);
  'code': (string);
  'message': (string);
  'retryable': (boolean);
}
