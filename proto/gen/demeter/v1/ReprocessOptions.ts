// Original file: demeter/v1/reprocess.proto


export interface ReprocessOptions {
  'model'?: (string);
  'tiling'?: (string);
  'confidence'?: (number | string);
  'server_minutes_max'?: (number | string);
  'deadline'?: (string);
  'hours'?: (string);
  'time_zone'?: (string);
  'masks'?: (boolean);
  '_confidence'?: "confidence";
}

export interface ReprocessOptions__Output {
  'model': (string);
  'tiling': (string);
  'confidence'?: (number);
  'server_minutes_max': (number);
  'deadline': (string);
  'hours': (string);
  'time_zone': (string);
  'masks': (boolean);
  '_confidence'?: "confidence";
}
