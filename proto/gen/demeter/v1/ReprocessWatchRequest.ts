// Original file: demeter/v1/reprocess.proto


export interface ReprocessWatchRequest {
  'reprocessing_id'?: (string);
}

export interface ReprocessWatchRequest__Output {
  'reprocessing_id': (string);
}
