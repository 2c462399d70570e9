// Original file: demeter/v1/reprocess.proto

import type { ReprocessOptions as _demeter_v1_ReprocessOptions, ReprocessOptions__Output as _demeter_v1_ReprocessOptions__Output } from '../../demeter/v1/ReprocessOptions.ts';
import type { PhotoHashes as _demeter_v1_PhotoHashes, PhotoHashes__Output as _demeter_v1_PhotoHashes__Output } from '../../demeter/v1/PhotoHashes.ts';

export interface ReprocessPlanPhotosRequest {
  'options'?: (_demeter_v1_ReprocessOptions | null);
  'photos'?: (_demeter_v1_PhotoHashes | null);
  'message'?: "options"|"photos";
}

export interface ReprocessPlanPhotosRequest__Output {
  'options'?: (_demeter_v1_ReprocessOptions__Output | null);
  'photos'?: (_demeter_v1_PhotoHashes__Output | null);
  'message'?: "options"|"photos";
}
