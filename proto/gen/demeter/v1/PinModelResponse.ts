// Original file: demeter/v1/models.proto

import type { ModelStatus as _demeter_v1_ModelStatus, ModelStatus__Output as _demeter_v1_ModelStatus__Output } from '../../demeter/v1/ModelStatus.ts';

export interface PinModelResponse {
  'model'?: (_demeter_v1_ModelStatus | null);
}

export interface PinModelResponse__Output {
  'model': (_demeter_v1_ModelStatus__Output | null);
}
