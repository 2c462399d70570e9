// Original file: demeter/v1/reprocess.proto

import type { Credit as _demeter_v1_Credit, Credit__Output as _demeter_v1_Credit__Output } from '../../demeter/v1/Credit.ts';
import type { OwnPhotoResult as _demeter_v1_OwnPhotoResult, OwnPhotoResult__Output as _demeter_v1_OwnPhotoResult__Output } from '../../demeter/v1/OwnPhotoResult.ts';
import type { OwnPhotoFailure as _demeter_v1_OwnPhotoFailure, OwnPhotoFailure__Output as _demeter_v1_OwnPhotoFailure__Output } from '../../demeter/v1/OwnPhotoFailure.ts';

export interface ReprocessProcessResponse {
  'credit'?: (_demeter_v1_Credit | null);
  'result'?: (_demeter_v1_OwnPhotoResult | null);
  'failure'?: (_demeter_v1_OwnPhotoFailure | null);
  'message'?: "credit"|"result"|"failure";
}

export interface ReprocessProcessResponse__Output {
  'credit'?: (_demeter_v1_Credit__Output | null);
  'result'?: (_demeter_v1_OwnPhotoResult__Output | null);
  'failure'?: (_demeter_v1_OwnPhotoFailure__Output | null);
  'message'?: "credit"|"result"|"failure";
}
