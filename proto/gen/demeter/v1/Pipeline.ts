// Original file: demeter/v1/mesh.proto

import type { RoleModel as _demeter_v1_RoleModel, RoleModel__Output as _demeter_v1_RoleModel__Output } from '../../demeter/v1/RoleModel.ts';
import type { Tiling as _demeter_v1_Tiling, Tiling__Output as _demeter_v1_Tiling__Output } from '../../demeter/v1/Tiling.ts';

export interface Pipeline {
  'models'?: (_demeter_v1_RoleModel)[];
  'tiling'?: (_demeter_v1_Tiling | null);
  'masks'?: (boolean);
}

export interface Pipeline__Output {
  'models': (_demeter_v1_RoleModel__Output)[];
  'tiling': (_demeter_v1_Tiling__Output | null);
  'masks': (boolean);
}
