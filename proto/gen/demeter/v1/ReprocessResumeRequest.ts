// Original file: demeter/v1/reprocess.proto


export interface ReprocessResumeRequest {
  'reprocessing_id'?: (string);
}

export interface ReprocessResumeRequest__Output {
  'reprocessing_id': (string);
}
