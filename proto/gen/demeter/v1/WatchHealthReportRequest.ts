// Original file: demeter/v1/mesh.proto


export interface WatchHealthReportRequest {
}

export interface WatchHealthReportRequest__Output {
}
