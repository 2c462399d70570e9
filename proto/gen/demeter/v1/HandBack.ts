// Original file: demeter/v1/mesh.proto


export interface HandBack {
  'work_id'?: (string);
}

export interface HandBack__Output {
  'work_id': (string);
}
