import type { OnnxFile } from '../onnx-file.ts';
import { ULTRALYTICS } from '../preprocessing.ts';
import type { Layout } from './layout.ts';
import { argmax, findOutput, ofImage } from './tensors.ts';

const STRIDES = [8, 16, 32];

/**
 * `output` [N, A, 5+nc], stride by stride, row by row: x, y relative to the cell and ln w, ln h, in
 * cells; objectness and class scores, sigmoided. BGR, 0–255, at the top left.
 * Source: Megvii-BaseDetection/YOLOX yolox/utils/demo_utils.py.
 */
export const yolox: Layout = {
  name: 'yolox',
  task: 'detect',
  preprocessing: { ...ULTRALYTICS, fit: 'top-left', colour: 'BGR', range: [0, 255] },
  recognise: (file) => {
    const classCount = countClasses(file);
    if (classCount === undefined) return undefined;
    // The file names no classes.
    return { classNames: Array.from({ length: classCount }, (_, c) => `class ${c}`) };
  },
  decode: (outputs, { index, width, height, classNames, confidence }) => {
    const columns = 5 + classNames.length;
    const anchors = countAnchors(width, height);
    const output = findOutput(
      outputs,
      `An output [N, ${anchors}, ${columns}]`,
      ({ dims }) => dims[1] === anchors && dims[2] === columns,
    );
    const data = ofImage(output, index);
    const boxes: number[] = [];
    const scores: number[] = [];
    const classes: number[] = [];
    let at = 0;
    for (const stride of STRIDES) {
      for (let cell = 0; cell < (height / stride) * (width / stride); cell++, at += columns) {
        // Most cells hold nothing.
        if (data[at + 4]! <= confidence) continue;
        const best = argmax(data, at + 5, at + columns);
        const score = data[at + 4]! * data[best]!;
        if (score <= confidence) continue;
        const cx = (data[at]! + (cell % (width / stride))) * stride;
        const cy = (data[at + 1]! + Math.floor(cell / (width / stride))) * stride;
        const halfWidth = (Math.exp(data[at + 2]!) * stride) / 2;
        const halfHeight = (Math.exp(data[at + 3]!) * stride) / 2;
        boxes.push(cx - halfWidth, cy - halfHeight, cx + halfWidth, cy + halfHeight);
        scores.push(score);
        classes.push(best - at - 5);
      }
    }
    return {
      boxes: Float32Array.from(boxes),
      scores: Float32Array.from(scores),
      classes: Uint32Array.from(classes),
      capped: false,
    };
  },
};

/** Classes of a file whose one output has a row for each cell of its three grids. */
function countClasses({ inputs, outputs, metadata }: OnnxFile): number | undefined {
  const [, , height, width] = inputs[0]?.dims ?? [];
  const [, rows, columns] = outputs[0]?.dims ?? [];
  if (!height || !width || !columns || outputs.length !== 1 || metadata.has('names')) return;
  return rows === countAnchors(width, height) && columns > 5 ? columns - 5 : undefined;
}

function countAnchors(width: number, height: number): number {
  return STRIDES.reduce((sum, stride) => sum + (width / stride) * (height / stride), 0);
}
