// Original file: demeter/v1/mesh.proto


export interface GetHealthReportRequest {
}

export interface GetHealthReportRequest__Output {
}
