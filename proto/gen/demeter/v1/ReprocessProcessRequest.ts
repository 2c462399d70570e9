// Original file: demeter/v1/reprocess.proto

import type { ReprocessOptions as _demeter_v1_ReprocessOptions, ReprocessOptions__Output as _demeter_v1_ReprocessOptions__Output } from '../../demeter/v1/ReprocessOptions.ts';
import type { OwnPhoto as _demeter_v1_OwnPhoto, OwnPhoto__Output as _demeter_v1_OwnPhoto__Output } from '../../demeter/v1/OwnPhoto.ts';
import type { Credit as _demeter_v1_Credit, Credit__Output as _demeter_v1_Credit__Output } from '../../demeter/v1/Credit.ts';

export interface ReprocessProcessRequest {
  'options'?: (_demeter_v1_ReprocessOptions | null);
  'photo'?: (_demeter_v1_OwnPhoto | null);
  'credit'?: (_demeter_v1_Credit | null);
  'message'?: "options"|"photo"|"credit";
}

export interface ReprocessProcessRequest__Output {
  'options'?: (_demeter_v1_ReprocessOptions__Output | null);
  'photo'?: (_demeter_v1_OwnPhoto__Output | null);
  'credit'?: (_demeter_v1_Credit__Output | null);
  'message'?: "options"|"photo"|"credit";
}
