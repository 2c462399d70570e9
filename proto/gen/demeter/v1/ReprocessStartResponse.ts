// Original file: demeter/v1/reprocess.proto

import type { Reprocessing as _demeter_v1_Reprocessing, Reprocessing__Output as _demeter_v1_Reprocessing__Output } from '../../demeter/v1/Reprocessing.ts';

export interface ReprocessStartResponse {
  'reprocessing'?: (_demeter_v1_Reprocessing | null);
}

export interface ReprocessStartResponse__Output {
  'reprocessing': (_demeter_v1_Reprocessing__Output | null);
}
