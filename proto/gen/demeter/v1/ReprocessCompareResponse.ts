// Original file: demeter/v1/reprocess.proto

import type { Long } from '@grpc/proto-loader';

export interface ReprocessCompareResponse {
  'key'?: (string);
  'photos'?: (number | string | Long);
  'before'?: (number | string | Long);
  'after'?: (number | string | Long);
  'truth'?: (number | string | Long);
  '_truth'?: "truth";
}

export interface ReprocessCompareResponse__Output {
  'key': (string);
  'photos': (string);
  'before': (string);
  'after': (string);
  'truth'?: (string);
  '_truth'?: "truth";
}
