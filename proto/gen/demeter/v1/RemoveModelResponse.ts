// Original file: demeter/v1/models.proto


export interface RemoveModelResponse {
}

export interface RemoveModelResponse__Output {
}
