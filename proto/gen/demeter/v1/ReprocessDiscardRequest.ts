// Original file: demeter/v1/reprocess.proto


export interface ReprocessDiscardRequest {
  'reprocessing_id'?: (string);
}

export interface ReprocessDiscardRequest__Output {
  'reprocessing_id': (string);
}
