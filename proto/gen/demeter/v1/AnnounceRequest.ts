// Original file: demeter/v1/registry.proto

import type { HealthReport as _demeter_v1_HealthReport, HealthReport__Output as _demeter_v1_HealthReport__Output } from '../../demeter/v1/HealthReport.ts';

export interface AnnounceRequest {
  'address'?: (string);
  'report'?: (_demeter_v1_HealthReport | null);
}

export interface AnnounceRequest__Output {
  'address': (string);
  'report': (_demeter_v1_HealthReport__Output | null);
}
