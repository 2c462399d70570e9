// Original file: demeter/v1/models.proto

import type { ModelStatus as _demeter_v1_ModelStatus, ModelStatus__Output as _demeter_v1_ModelStatus__Output } from '../../demeter/v1/ModelStatus.ts';

export interface UnloadModelResponse {
  'models'?: (_demeter_v1_ModelStatus)[];
}

export interface UnloadModelResponse__Output {
  'models': (_demeter_v1_ModelStatus__Output)[];
}
