// Original file: demeter/v1/reprocess.proto


export interface ReprocessPromoteRequest {
  'reprocessing_id'?: (string);
}

export interface ReprocessPromoteRequest__Output {
  'reprocessing_id': (string);
}
