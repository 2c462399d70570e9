// Original file: demeter/v1/reprocess.proto

import type { PhotoFilter as _demeter_v1_PhotoFilter, PhotoFilter__Output as _demeter_v1_PhotoFilter__Output } from '../../demeter/v1/PhotoFilter.ts';
import type { ReprocessOptions as _demeter_v1_ReprocessOptions, ReprocessOptions__Output as _demeter_v1_ReprocessOptions__Output } from '../../demeter/v1/ReprocessOptions.ts';

export interface ReprocessPlanRequest {
  'filter'?: (_demeter_v1_PhotoFilter | null);
  'options'?: (_demeter_v1_ReprocessOptions | null);
}

export interface ReprocessPlanRequest__Output {
  'filter': (_demeter_v1_PhotoFilter__Output | null);
  'options': (_demeter_v1_ReprocessOptions__Output | null);
}
