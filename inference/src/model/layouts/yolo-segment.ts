import { decodeAnchors, readAnchorShape } from './anchors.ts';
import type { Layout } from './layout.ts';

/** Mask coefficients per anchor; the prototypes they weigh stand in `output1`. */
const MASK_COEFFICIENTS = 32;

/** `output0` [N, 4+nc+32, A]: as detect, then mask coefficients. Boxes and classes are read. */
export const yoloSegment: Layout = {
  name: 'yolo-segment',
  task: 'segment',
  readShape: (dims, classCount) => readAnchorShape(dims, 4 + classCount + MASK_COEFFICIENTS),
  decode: decodeAnchors,
};
