// Original file: demeter/v1/reprocess.proto

import type { ReprocessPlan as _demeter_v1_ReprocessPlan, ReprocessPlan__Output as _demeter_v1_ReprocessPlan__Output } from '../../demeter/v1/ReprocessPlan.ts';

export interface ReprocessPlanResponse {
  'plan'?: (_demeter_v1_ReprocessPlan | null);
}

export interface ReprocessPlanResponse__Output {
  'plan': (_demeter_v1_ReprocessPlan__Output | null);
}
