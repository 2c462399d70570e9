// Original file: demeter/v1/reprocess.proto


export interface PhotoHashes {
  'sha256s'?: (Buffer | Uint8Array | string);
}

export interface PhotoHashes__Output {
  'sha256s': (Buffer);
}
