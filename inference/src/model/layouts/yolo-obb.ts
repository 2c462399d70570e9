import type { OnnxFile } from '../onnx-file.ts';
import { ULTRALYTICS } from '../preprocessing.ts';
import { decodeAnchors, readAnchorShape, readColumns } from './anchors.ts';
import { decodeFinalRows } from './final-rows.ts';
import type { Candidates, Layout } from './layout.ts';
import { toHulls } from './rotated.ts';
import { findOutput } from './tensors.ts';
import { isFinal, readUltralytics } from './ultralytics.ts';

/** `output0` [N, 4+nc+1, A]: cx, cy, w, h, scores, and last the angle in radians. */
export const yoloObb: Layout = {
  name: 'yolo-obb',
  task: 'obb',
  preprocessing: ULTRALYTICS,
  recognise: (file) => recognise(file, false),
  decode: (outputs, ask) => {
    const output = findOutput(outputs, 'An output', () => true);
    const first = 4 + ask.classNames.length;
    const shape = readAnchorShape(output.dims, first + 1);
    const { anchors, ...objects } = decodeAnchors(output, shape, ask);
    const { index } = ask;
    const angles = readColumns(output.data, shape, { index, anchors, first, count: 1 });
    const sides = readColumns(output.data, shape, { index, anchors, first: 0, count: 4 });
    return turn(objects, sides, angles);
  },
};

/** `output0` [N, M, 7]: cx, cy, w, h, score, class, angle. */
export const yoloObbFinal: Layout = {
  name: 'yolo-obb-final',
  task: 'obb',
  preprocessing: ULTRALYTICS,
  recognise: (file) => recognise(file, true),
  decode: (outputs, ask) => {
    const output = findOutput(outputs, 'An output', () => true);
    const { rest, ...objects } = decodeFinalRows(output, ask, 1);
    return turn(objects, objects.boxes, rest);
  },
};

function recognise(file: OnnxFile, final: boolean) {
  const found = readUltralytics(file, 'obb');
  return found && isFinal(file, found.classNames.length, 1) === final ? found : undefined;
}

function turn(objects: Candidates, sides: Float32Array, angles: Float32Array): Candidates {
  const rotated = new Float32Array(angles.length * 5);
  for (const [k, angle] of angles.entries()) {
    rotated.set(sides.subarray(4 * k, 4 * k + 4), 5 * k);
    rotated[5 * k + 4] = angle;
  }
  return { ...objects, boxes: toHulls(rotated), rotated };
}
