// Original file: demeter/v1/models.proto

import type { Long } from '@grpc/proto-loader';

export interface UploadHeader {
  'name'?: (string);
  'version'?: (string);
  'sha256'?: (Buffer | Uint8Array | string);
  'size_bytes'?: (number | string | Long);
  'manifest_json'?: (string);
  'load'?: (boolean);
}

export interface UploadHeader__Output {
  'name': (string);
  'version': (string);
  'sha256': (Buffer);
  'size_bytes': (string);
  'manifest_json': (string);
  'load': (boolean);
}
