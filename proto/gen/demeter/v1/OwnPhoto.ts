// Original file: demeter/v1/reprocess.proto


export interface OwnPhoto {
  'reference'?: (string);
  'content'?: (Buffer | Uint8Array | string);
  'detections'?: (boolean);
  'store'?: (boolean);
}

export interface OwnPhoto__Output {
  'reference': (string);
  'content': (Buffer);
  'detections': (boolean);
  'store': (boolean);
}
