// Original file: demeter/v1/mesh.proto

import type { ServerHello as _demeter_v1_ServerHello, ServerHello__Output as _demeter_v1_ServerHello__Output } from '../../demeter/v1/ServerHello.ts';
import type { Credit as _demeter_v1_Credit, Credit__Output as _demeter_v1_Credit__Output } from '../../demeter/v1/Credit.ts';
import type { Result as _demeter_v1_Result, Result__Output as _demeter_v1_Result__Output } from '../../demeter/v1/Result.ts';
import type { Failure as _demeter_v1_Failure, Failure__Output as _demeter_v1_Failure__Output } from '../../demeter/v1/Failure.ts';
import type { HandBack as _demeter_v1_HandBack, HandBack__Output as _demeter_v1_HandBack__Output } from '../../demeter/v1/HandBack.ts';
import type { Drain as _demeter_v1_Drain, Drain__Output as _demeter_v1_Drain__Output } from '../../demeter/v1/Drain.ts';

export interface WorkResponse {
  'hello'?: (_demeter_v1_ServerHello | null);
  'credit'?: (_demeter_v1_Credit | null);
  'result'?: (_demeter_v1_Result | null);
  'failure'?: (_demeter_v1_Failure | null);
  'hand_back'?: (_demeter_v1_HandBack | null);
  'drain'?: (_demeter_v1_Drain | null);
  'message'?: "hello"|"credit"|"result"|"failure"|"hand_back"|"drain";
}

export interface WorkResponse__Output {
  'hello'?: (_demeter_v1_ServerHello__Output | null);
  'credit'?: (_demeter_v1_Credit__Output | null);
  'result'?: (_demeter_v1_Result__Output | null);
  'failure'?: (_demeter_v1_Failure__Output | null);
  'hand_back'?: (_demeter_v1_HandBack__Output | null);
  'drain'?: (_demeter_v1_Drain__Output | null);
  'message'?: "hello"|"credit"|"result"|"failure"|"hand_back"|"drain";
}
