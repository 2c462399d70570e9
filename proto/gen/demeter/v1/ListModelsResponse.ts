// Original file: demeter/v1/models.proto

import type { ModelStatus as _demeter_v1_ModelStatus, ModelStatus__Output as _demeter_v1_ModelStatus__Output } from '../../demeter/v1/ModelStatus.ts';

export interface ListModelsResponse {
  'models'?: (_demeter_v1_ModelStatus)[];
}

export interface ListModelsResponse__Output {
  'models': (_demeter_v1_ModelStatus__Output)[];
}
