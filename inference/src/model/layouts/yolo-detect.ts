import { ULTRALYTICS } from '../preprocessing.ts';
import { decodeAnchors, readAnchorShape } from './anchors.ts';
import { decodeFinalRows } from './final-rows.ts';
import type { Layout } from './layout.ts';
import { findOutput } from './tensors.ts';
import { isFinal, readUltralytics } from './ultralytics.ts';

/** `output0` [N, 4+nc, A]: cx, cy, w, h in input pixels, then a score for each class. */
export const yoloDetect: Layout = {
  name: 'yolo-detect',
  task: 'detect',
  preprocessing: ULTRALYTICS,
  recognise: (file) => {
    const found = readUltralytics(file, 'detect');
    return found && !isFinal(file, found.classNames.length, 0) ? found : undefined;
  },
  decode: (outputs, ask) => {
    const output = findOutput(outputs, 'An output', () => true);
    const shape = readAnchorShape(output.dims, 4 + ask.classNames.length);
    const { anchors: _, ...objects } = decodeAnchors(output, shape, ask);
    return objects;
  },
};

/** `output0` [N, M, 6]. */
export const yoloFinal: Layout = {
  name: 'yolo-final',
  task: 'detect',
  preprocessing: ULTRALYTICS,
  recognise: (file) => {
    const found = readUltralytics(file, 'detect');
    return found && isFinal(file, found.classNames.length, 0) ? found : undefined;
  },
  decode: (outputs, ask) => {
    const output = findOutput(outputs, 'An output', () => true);
    const { rest: _, ...objects } = decodeFinalRows(output, ask, 0);
    return objects;
  },
};
