// Original file: demeter/v1/models.proto

import type { ModelStatus as _demeter_v1_ModelStatus, ModelStatus__Output as _demeter_v1_ModelStatus__Output } from '../../demeter/v1/ModelStatus.ts';

export interface UploadModelResponse {
  'model'?: (_demeter_v1_ModelStatus | null);
}

export interface UploadModelResponse__Output {
  'model': (_demeter_v1_ModelStatus__Output | null);
}
