import { decodeAnchors, readAnchorShape } from './anchors.ts';
import type { Layout } from './layout.ts';

/** `output0` [N, 4+nc, A]: cx, cy, w, h in input pixels, then a score for each class. */
export const yoloDetect: Layout = {
  name: 'yolo-detect',
  task: 'detect',
  readShape: (dims, classCount) => readAnchorShape(dims, 4 + classCount),
  decode: decodeAnchors,
};
