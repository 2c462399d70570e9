// Original file: demeter/v1/registry.proto


export interface AnnounceResponse {
  'next_in_ms'?: (number);
}

export interface AnnounceResponse__Output {
  'next_in_ms': (number);
}
