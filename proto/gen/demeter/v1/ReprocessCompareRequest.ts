// Original file: demeter/v1/reprocess.proto


export interface ReprocessCompareRequest {
  'reprocessing_id'?: (string);
  'by'?: (string);
  'changed_only'?: (boolean);
}

export interface ReprocessCompareRequest__Output {
  'reprocessing_id': (string);
  'by': (string);
  'changed_only': (boolean);
}
