// Original file: demeter/v1/mesh.proto


export interface Timings {
  'queue_ms'?: (number | string);
  'decode_ms'?: (number | string);
  'tile_ms'?: (number | string);
  'inference_ms'?: (number | string);
  'merge_ms'?: (number | string);
  'total_ms'?: (number | string);
}

export interface Timings__Output {
  'queue_ms': (number);
  'decode_ms': (number);
  'tile_ms': (number);
  'inference_ms': (number);
  'merge_ms': (number);
  'total_ms': (number);
}
