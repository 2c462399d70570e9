// Original file: demeter/v1/reprocess.proto

import type { ReprocessPlan as _demeter_v1_ReprocessPlan, ReprocessPlan__Output as _demeter_v1_ReprocessPlan__Output } from '../../demeter/v1/ReprocessPlan.ts';
import type { Long } from '@grpc/proto-loader';

export interface ReprocessPlanPhotosResponse {
  'plan'?: (_demeter_v1_ReprocessPlan | null);
  'unknown'?: (number | string | Long);
}

export interface ReprocessPlanPhotosResponse__Output {
  'plan': (_demeter_v1_ReprocessPlan__Output | null);
  'unknown': (string);
}
