// Original file: demeter/v1/reprocess.proto


export interface ReprocessStartRequest {
  'plan_id'?: (string);
  'name'?: (string);
}

export interface ReprocessStartRequest__Output {
  'plan_id': (string);
  'name': (string);
}
