// Original file: demeter/v1/reprocess.proto


export interface ReprocessResultsRequest {
  'reprocessing_id'?: (string);
  'after'?: (string);
  'detections'?: (boolean);
  'no_wait'?: (boolean);
}

export interface ReprocessResultsRequest__Output {
  'reprocessing_id': (string);
  'after': (string);
  'detections': (boolean);
  'no_wait': (boolean);
}
