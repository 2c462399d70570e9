// Original file: demeter/v1/mesh.proto

import type { CoreHello as _demeter_v1_CoreHello, CoreHello__Output as _demeter_v1_CoreHello__Output } from '../../demeter/v1/CoreHello.ts';
import type { Photo as _demeter_v1_Photo, Photo__Output as _demeter_v1_Photo__Output } from '../../demeter/v1/Photo.ts';
import type { Cancel as _demeter_v1_Cancel, Cancel__Output as _demeter_v1_Cancel__Output } from '../../demeter/v1/Cancel.ts';

export interface WorkRequest {
  'hello'?: (_demeter_v1_CoreHello | null);
  'photo'?: (_demeter_v1_Photo | null);
  'cancel'?: (_demeter_v1_Cancel | null);
  'message'?: "hello"|"photo"|"cancel";
}

export interface WorkRequest__Output {
  'hello'?: (_demeter_v1_CoreHello__Output | null);
  'photo'?: (_demeter_v1_Photo__Output | null);
  'cancel'?: (_demeter_v1_Cancel__Output | null);
  'message'?: "hello"|"photo"|"cancel";
}
