// Original file: inference/open_inference.proto


export interface NotOfferedRequest {
}

export interface NotOfferedRequest__Output {
}
