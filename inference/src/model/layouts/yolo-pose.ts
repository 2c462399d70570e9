import { AppError } from '@demeter/common/errors';
import type { OnnxFile } from '../onnx-file.ts';
import { ULTRALYTICS } from '../preprocessing.ts';
import { decodeAnchors, readAnchorShape, readColumns } from './anchors.ts';
import { decodeFinalRows } from './final-rows.ts';
import type { ImageAsk, Layout } from './layout.ts';
import { findOutput } from './tensors.ts';
import { isFinal, readUltralytics } from './ultralytics.ts';

/** `output0` [N, 4+nc+K·D, A]: as detect, then x, y in input pixels and, if D is 3, visibility. */
export const yoloPose: Layout = {
  name: 'yolo-pose',
  task: 'pose',
  preprocessing: ULTRALYTICS,
  recognise: (file) => recognise(file, false),
  decode: (outputs, ask) => {
    const output = findOutput(outputs, 'An output', () => true);
    const [points, values] = keypoints(ask);
    const first = 4 + ask.classNames.length;
    const count = points * values;
    const shape = readAnchorShape(output.dims, first + count);
    const { anchors, ...objects } = decodeAnchors(output, shape, ask);
    const columns = readColumns(output.data, shape, { index: ask.index, anchors, first, count });
    return { ...objects, keypoints: withVisibility(columns, values) };
  },
};

/** `output0` [N, M, 6+K·D]. */
export const yoloPoseFinal: Layout = {
  name: 'yolo-pose-final',
  task: 'pose',
  preprocessing: ULTRALYTICS,
  recognise: (file) => recognise(file, true),
  decode: (outputs, ask) => {
    const output = findOutput(outputs, 'An output', () => true);
    const [points, values] = keypoints(ask);
    const { rest, ...objects } = decodeFinalRows(output, ask, points * values);
    return { ...objects, keypoints: withVisibility(rest, values) };
  },
};

function recognise(file: OnnxFile, final: boolean) {
  const found = readUltralytics(file, 'pose');
  const [points = 0, values = 0] = found?.output?.keypoints ?? [];
  const extra = points * values;
  return found && isFinal(file, found.classNames.length, extra) === final ? found : undefined;
}

function keypoints({ output }: ImageAsk): readonly [count: number, values: number] {
  if (output.keypoints) return output.keypoints;
  throw new AppError(
    'MODEL_INVALID',
    'A pose model needs output.keypoints in its manifest, or kpt_shape in its metadata.',
  );
}

/** Keypoints without visibility count as visible. */
function withVisibility(columns: Float32Array, values: number): Float32Array {
  if (values === 3) return columns;
  const points = new Float32Array((columns.length / values) * 3).fill(1);
  for (let i = 0; i * values < columns.length; i++) {
    points[3 * i] = columns[i * values]!;
    points[3 * i + 1] = columns[i * values + 1]!;
  }
  return points;
}
