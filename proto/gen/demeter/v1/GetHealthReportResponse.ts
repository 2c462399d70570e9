// Original file: demeter/v1/mesh.proto

import type { HealthReport as _demeter_v1_HealthReport, HealthReport__Output as _demeter_v1_HealthReport__Output } from '../../demeter/v1/HealthReport.ts';

export interface GetHealthReportResponse {
  'report'?: (_demeter_v1_HealthReport | null);
}

export interface GetHealthReportResponse__Output {
  'report': (_demeter_v1_HealthReport__Output | null);
}
