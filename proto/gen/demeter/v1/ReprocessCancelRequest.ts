// Original file: demeter/v1/reprocess.proto


export interface ReprocessCancelRequest {
  'reprocessing_id'?: (string);
}

export interface ReprocessCancelRequest__Output {
  'reprocessing_id': (string);
}
