import type { OnnxFile } from '../onnx-file.ts';
import { ULTRALYTICS } from '../preprocessing.ts';
import { decodeAnchors, readAnchorShape, readColumns } from './anchors.ts';
import { decodeFinalRows } from './final-rows.ts';
import type { Layout, MaskSource, Output } from './layout.ts';
import { findOutput, ofImage } from './tensors.ts';
import { isFinal, readUltralytics } from './ultralytics.ts';

/**
 * `output0` [N, 4+nc+32, A]: as detect, then mask coefficients; `output1` [N, 32, H/4, W/4]: the
 * prototypes that they weigh.
 */
export const yoloSegment: Layout = {
  name: 'yolo-segment',
  task: 'segment',
  preprocessing: ULTRALYTICS,
  recognise: (file) => recognise(file, false),
  decode: (outputs, ask) => {
    const { rows, prototypes } = split(outputs);
    const first = 4 + ask.classNames.length;
    const count = prototypes.dims[1] ?? 0;
    const shape = readAnchorShape(rows.dims, first + count);
    const { anchors, ...objects } = decodeAnchors(rows, shape, ask);
    if (!ask.masks) return objects;
    const coefficients = readColumns(rows.data, shape, { index: ask.index, anchors, first, count });
    return { ...objects, masks: toMasks(coefficients, prototypes, ask.index) };
  },
};

/** `output0` [N, M, 6+32], `output1` as above. */
export const yoloSegmentFinal: Layout = {
  name: 'yolo-segment-final',
  task: 'segment',
  preprocessing: ULTRALYTICS,
  recognise: (file) => recognise(file, true),
  decode: (outputs, ask) => {
    const { rows, prototypes } = split(outputs);
    const { rest, ...objects } = decodeFinalRows(rows, ask, prototypes.dims[1] ?? 0);
    return ask.masks ? { ...objects, masks: toMasks(rest, prototypes, ask.index) } : objects;
  },
};

function recognise(file: OnnxFile, final: boolean) {
  const found = readUltralytics(file, 'segment');
  const count = file.outputs.find(({ dims }) => dims.length === 4)?.dims[1] ?? 0;
  return found && isFinal(file, found.classNames.length, count) === final ? found : undefined;
}

/** Rows and prototypes, whichever comes first in the file. Throws MODEL_INVALID. */
function split(outputs: readonly Output[]) {
  return {
    rows: findOutput(outputs, 'Rows of three dimensions', ({ dims }) => dims.length === 3),
    prototypes: findOutput(outputs, 'Prototypes of four dimensions', (o) => o.dims.length === 4),
  };
}

function toMasks(coefficients: Float32Array, prototypes: Output, index: number): MaskSource {
  const [, count = 0, height = 0, width = 0] = prototypes.dims;
  // A copy: the tensor is of the whole batch.
  return { coefficients, prototypes: ofImage(prototypes, index).slice(), count, height, width };
}
