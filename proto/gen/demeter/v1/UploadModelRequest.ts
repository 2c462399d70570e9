// Original file: demeter/v1/models.proto

import type { UploadHeader as _demeter_v1_UploadHeader, UploadHeader__Output as _demeter_v1_UploadHeader__Output } from '../../demeter/v1/UploadHeader.ts';

export interface UploadModelRequest {
  'header'?: (_demeter_v1_UploadHeader | null);
  'chunk'?: (Buffer | Uint8Array | string);
  'message'?: "header"|"chunk";
}

export interface UploadModelRequest__Output {
  'header'?: (_demeter_v1_UploadHeader__Output | null);
  'chunk'?: (Buffer);
  'message'?: "header"|"chunk";
}
