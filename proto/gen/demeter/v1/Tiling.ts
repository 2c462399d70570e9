// Original file: demeter/v1/mesh.proto


// Original file: demeter/v1/mesh.proto

export const _demeter_v1_Tiling_Mode = {
  MODE_UNSPECIFIED: 'MODE_UNSPECIFIED',
  MODE_AUTO: 'MODE_AUTO',
  MODE_OFF: 'MODE_OFF',
  MODE_FIXED: 'MODE_FIXED',
} as const;

export type _demeter_v1_Tiling_Mode =
  | 'MODE_UNSPECIFIED'
  | 0
  | 'MODE_AUTO'
  | 1
  | 'MODE_OFF'
  | 2
  | 'MODE_FIXED'
  | 3

export type _demeter_v1_Tiling_Mode__Output = typeof _demeter_v1_Tiling_Mode[keyof typeof _demeter_v1_Tiling_Mode]

export interface Tiling {
  'mode'?: (_demeter_v1_Tiling_Mode);
  'tile_px'?: (number);
  'overlap'?: (number | string);
  '_overlap'?: "overlap";
}

export interface Tiling__Output {
  'mode': (_demeter_v1_Tiling_Mode__Output);
  'tile_px': (number);
  'overlap'?: (number);
  '_overlap'?: "overlap";
}
