import { AppError } from '@demeter/common/errors';
import type { OnnxFile } from '../onnx-file.ts';
import { ULTRALYTICS } from '../preprocessing.ts';
import type { Candidates, Layout } from './layout.ts';
import { argmax, findOutput, ofImage, sigmoid, toProbabilities } from './tensors.ts';

/**
 * `labels` [N, Q], `boxes` [N, Q, 4] x1, y1, x2, y2 in pixels of the size that the second input
 * names, `scores` [N, Q]: RT-DETR, D-FINE, DEIM; torchvision's detectors without N. The photo is
 * stretched to the input. Q caps what one view can show.
 */
export const detrFinal: Layout = {
  name: 'detr-final',
  task: 'detect',
  preprocessing: { ...ULTRALYTICS, fit: 'stretch' },
  recognise: (file) => needsManifest(file, 'detr-final', ['labels', 'boxes', 'scores']),
  decode: (outputs, { index, classNames, confidence }) => {
    const read = (name: string) => {
      const output = findOutput(outputs, `An output "${name}"`, (each) => each.name === name);
      const batched = output.dims.length === (name === 'boxes' ? 3 : 2);
      return batched ? ofImage(output, index) : output.data;
    };
    const [labels, boxes, scores] = [read('labels'), read('boxes'), read('scores')];
    const used = [...scores.keys()].filter(
      (k) => scores[k]! > confidence && labels[k]! < classNames.length,
    );
    return {
      boxes: Float32Array.from(used.flatMap((k) => [...boxes.subarray(4 * k, 4 * k + 4)])),
      scores: Float32Array.from(used, (k) => scores[k]!),
      classes: Uint32Array.from(used, (k) => labels[k]!),
      capped: used.length > 0 && used.length === scores.length,
    };
  },
};

/**
 * `logits` [N, Q, C] and `pred_boxes` [N, Q, 4] cx, cy, w, h, 0–1. One more logit than classes:
 * softmax, the last is "no object" (DETR); as many: sigmoid each (Deformable DETR, RT-DETR).
 * Source: transformers, `post_process_object_detection` of both.
 */
export const detrLogits: Layout = {
  name: 'detr-logits',
  task: 'detect',
  preprocessing: { ...ULTRALYTICS, fit: 'stretch' },
  recognise: (file) => needsManifest(file, 'detr-logits', ['logits', 'pred_boxes']),
  decode: (outputs, { index, width, height, classNames, confidence }): Candidates => {
    const count = classNames.length;
    const logits = findOutput(
      outputs,
      `An output "logits" [N, queries, ${count} or ${count + 1}]`,
      ({ name, dims }) => name === 'logits' && (dims[2] === count || dims[2] === count + 1),
    );
    const boxes = findOutput(outputs, '"pred_boxes"', ({ name }) => name === 'pred_boxes');
    const values = ofImage(logits, index);
    const centres = ofImage(boxes, index);
    const [, queries = 0, columns = 0] = logits.dims;
    const found: { box: number[]; score: number; of: number }[] = [];
    for (let query = 0; query < queries; query++) {
      const row = values.subarray(query * columns, (query + 1) * columns);
      const of = argmax(row, 0, count);
      const score = columns === count ? sigmoid(row[of]!) : toProbabilities(row)[of]!;
      if (score <= confidence) continue;
      const [cx = 0, cy = 0, w = 0, h = 0] = centres.subarray(4 * query, 4 * query + 4);
      const box = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2];
      found.push({ box: box.map((v, i) => v * (i % 2 === 0 ? width : height)), score, of });
    }
    return {
      boxes: Float32Array.from(found.flatMap(({ box }) => box)),
      scores: Float32Array.from(found, ({ score }) => score),
      classes: Uint32Array.from(found, ({ of }) => of),
      capped: queries > 0 && found.length === queries,
    };
  },
};

/** These files never name their classes. Throws MODEL_INVALID if it is one of them. */
function needsManifest({ outputs }: OnnxFile, layout: string, names: readonly string[]): undefined {
  const has = new Set(outputs.map(({ name }) => name));
  if (!names.every((name) => has.has(name))) return undefined;
  throw new AppError(
    'MODEL_INVALID',
    `The file is a DETR (outputs ${names.join(', ')}) that does not name its classes: a manifest.json beside it must say output.layout "${layout}", input.size and classes.`,
  );
}
