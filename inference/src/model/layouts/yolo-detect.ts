import { ULTRALYTICS } from '../preprocessing.ts';
import { decodeAnchors, readAnchorShape } from './anchors.ts';
import type { Layout } from './layout.ts';
import { readUltralytics } from './ultralytics.ts';

/** `output0` [N, 4+nc, A]: cx, cy, w, h in input pixels, then a score for each class. */
export const yoloDetect: Layout = {
  name: 'yolo-detect',
  task: 'detect',
  preprocessing: ULTRALYTICS,
  recognise: (file) => {
    const found = readUltralytics(file);
    return found?.task === 'detect' ? found : undefined;
  },
  decode: ([output], ask) => {
    const { dims = [], data = new Float32Array() } = output ?? {};
    const shape = readAnchorShape(dims, 4 + ask.classNames.length);
    const { anchors: _, ...objects } = decodeAnchors({ data }, shape, ask);
    return objects;
  },
};
