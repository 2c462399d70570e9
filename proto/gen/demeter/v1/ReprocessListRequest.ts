// Original file: demeter/v1/reprocess.proto


export interface ReprocessListRequest {
  'limit'?: (number);
  'after'?: (string);
}

export interface ReprocessListRequest__Output {
  'limit': (number);
  'after': (string);
}
