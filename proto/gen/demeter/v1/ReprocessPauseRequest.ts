// Original file: demeter/v1/reprocess.proto


export interface ReprocessPauseRequest {
  'reprocessing_id'?: (string);
}

export interface ReprocessPauseRequest__Output {
  'reprocessing_id': (string);
}
