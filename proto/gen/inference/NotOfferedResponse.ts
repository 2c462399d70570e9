// Original file: inference/open_inference.proto


export interface NotOfferedResponse {
}

export interface NotOfferedResponse__Output {
}
