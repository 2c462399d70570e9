// Original file: demeter/v1/mesh.proto


export interface RoleModel {
  'role'?: (string);
  'name'?: (string);
  'version'?: (string);
  'digest'?: (Buffer | Uint8Array | string);
  'confidence'?: (number | string);
  'iou'?: (number | string);
  '_confidence'?: "confidence";
  '_iou'?: "iou";
}

export interface RoleModel__Output {
  'role': (string);
  'name': (string);
  'version': (string);
  'digest': (Buffer);
  'confidence'?: (number);
  'iou'?: (number);
  '_confidence'?: "confidence";
  '_iou'?: "iou";
}
