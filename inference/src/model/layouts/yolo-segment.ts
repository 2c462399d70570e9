import { AppError } from '@demeter/common/errors';
import { ULTRALYTICS } from '../preprocessing.ts';
import { decodeAnchors, readAnchorShape, readColumns } from './anchors.ts';
import type { Layout, MaskSource, Output } from './layout.ts';
import { readUltralytics } from './ultralytics.ts';

/** `output0` [N, 4+nc+32, A]: as detect, then mask coefficients; `output1` [N, 32, H/4, W/4]. */
export const yoloSegment: Layout = {
  name: 'yolo-segment',
  task: 'segment',
  preprocessing: ULTRALYTICS,
  recognise: (file) => {
    const found = readUltralytics(file);
    return found?.task === 'segment' ? found : undefined;
  },
  decode: (outputs, ask) => {
    const [output, prototypes] = split(outputs);
    const first = 4 + ask.classNames.length;
    const count = prototypes.dims[1] ?? 0;
    const shape = readAnchorShape(output.dims, first + count);
    const { anchors, ...objects } = decodeAnchors(output, shape, ask);
    if (!ask.masks) return objects;
    const coefficients = readColumns(output.data, shape, {
      index: ask.index,
      anchors,
      first,
      count,
    });
    return { ...objects, masks: { coefficients, ...readPrototypes(prototypes, ask.index) } };
  },
};

/** The rows and the prototypes, whichever comes first in the file. Throws MODEL_INVALID. */
export function split(outputs: readonly Output[]): readonly [rows: Output, prototypes: Output] {
  const rows = outputs.find(({ dims }) => dims.length === 3);
  const prototypes = outputs.find(({ dims }) => dims.length === 4);
  if (rows && prototypes) return [rows, prototypes];
  const shapes = outputs.map(({ name, dims }) => `${name} [${dims.join(', ')}]`).join(', ');
  throw new AppError(
    'MODEL_INVALID',
    `A segmentation has rows of three dimensions and prototypes of four; these are ${shapes}.`,
  );
}

/** A copy: the tensor is of the whole batch. */
export function readPrototypes(
  { data, dims }: Output,
  index: number,
): Omit<MaskSource, 'coefficients'> {
  const [, count = 0, height = 0, width = 0] = dims;
  const length = count * height * width;
  const prototypes = data.slice(index * length, (index + 1) * length);
  return { prototypes, count, height, width };
}
