// Original file: demeter/v1/reprocess.proto


export interface ReprocessGetRequest {
  'reprocessing_id'?: (string);
}

export interface ReprocessGetRequest__Output {
  'reprocessing_id': (string);
}
