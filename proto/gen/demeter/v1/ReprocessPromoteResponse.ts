// Original file: demeter/v1/reprocess.proto

import type { Reprocessing as _demeter_v1_Reprocessing, Reprocessing__Output as _demeter_v1_Reprocessing__Output } from '../../demeter/v1/Reprocessing.ts';
import type { Long } from '@grpc/proto-loader';

export interface ReprocessPromoteResponse {
  'reprocessing'?: (_demeter_v1_Reprocessing | null);
  'proposals'?: (number | string | Long);
  'unchanged'?: (number | string | Long);
  'refused'?: (number | string | Long);
}

export interface ReprocessPromoteResponse__Output {
  'reprocessing': (_demeter_v1_Reprocessing__Output | null);
  'proposals': (string);
  'unchanged': (string);
  'refused': (string);
}
