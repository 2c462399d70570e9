/** Known answers of the families that layouts.test.ts does not show, and what they say of files. */
import { describe, expect, test } from 'bun:test';
import { recognise } from '../foreign.ts';
import { FLOAT32, type OnnxFile, type TensorInfo } from '../onnx-file.ts';
import type { ImageAsk, Output } from './layout.ts';
import { findLayout } from './layouts.ts';
import { minAreaRect } from './min-area-rect.ts';

const ask = (more: Partial<ImageAsk> = {}): ImageAsk => ({
  index: 0,
  width: 32,
  height: 32,
  confidence: 0.25,
  masks: true,
  classNames: ['a', 'b'],
  output: { layout: '' },
  ...more,
});
const output = (dims: readonly number[], numbers: readonly number[], name = 'output0'): Output => ({
  name,
  dims,
  data: Float32Array.from(numbers),
});
const near = (values: ArrayLike<number> | undefined, wanted: readonly number[]) => {
  expect(values?.length).toBe(wanted.length);
  for (const [k, value] of wanted.entries()) expect(values?.[k]).toBeCloseTo(value, 4);
};

describe('decoding', () => {
  test('yolox: the cell, its stride and the logarithm of the size make a box', () => {
    // 32 × 32: sixteen cells of 8, four of 16, one of 32. The sixth cell is column 1 of row 1.
    const data = new Float32Array(21 * 7);
    data.set([0.5, 0.25, 0, Math.log(2), 0.8, 0.1, 0.5], 5 * 7);
    data.set([0.5, 0.5, 0, 0, 0.6, 0.3, 0.2], 20 * 7);
    const found = findLayout('yolox').decode([output([1, 21, 7], [...data])], ask());
    near(found.boxes, [8, 2, 16, 18]);
    near(found.scores, [0.4]);
    expect([...found.classes]).toEqual([1]);
  });

  test('pose: keypoints without visibility are visible', () => {
    const pose = ask({ classNames: ['a'], output: { layout: '', keypoints: [2, 2] } });
    const rows = [16, 16, 8, 8, 0.9, 3, 4, 5, 6];
    const found = findLayout('yolo-pose').decode([output([1, 9, 1], rows)], pose);
    near(found.keypoints, [3, 4, 1, 5, 6, 1]);
    expect(() => findLayout('yolo-pose').decode([output([1, 9, 1], rows)], ask())).toThrow(
      'output.keypoints',
    );
  });

  test('obb: the hull of a box turned by a quarter has its sides traded', () => {
    const rows = [16, 16, 8, 4, 0.1, 0.7, Math.PI / 2];
    const found = findLayout('yolo-obb').decode([output([1, 7, 1], rows)], ask());
    near(found.rotated, [16, 16, 8, 4, Math.PI / 2]);
    near(found.boxes, [14, 12, 18, 20]);
  });

  test('segment: coefficients of the objects kept, prototypes of the image asked for', () => {
    const rows = output([2, 7, 1], [0, 0, 0, 0, 0, 0, 0, 16, 16, 8, 8, 0.9, 0, 3]);
    const prototypes = output([2, 1, 1, 2], [1, 2, 3, 4], 'output1');
    const layout = findLayout('yolo-segment');
    // Whichever output comes first.
    const found = layout.decode([prototypes, rows], ask({ index: 1 }));
    expect(found.masks).toEqual({
      coefficients: Float32Array.of(3),
      prototypes: Float32Array.of(3, 4),
      count: 1,
      height: 1,
      width: 2,
    });
    expect(layout.decode([rows, prototypes], ask({ index: 1, masks: false })).masks).toBe(
      undefined,
    );
    expect(() => layout.decode([rows], ask())).toThrow('output0 [2, 7, 1]');
  });

  test('detr: labels beyond the classes and low scores go; without a batch dimension too', () => {
    const layout = findLayout('detr-final');
    const outputs = [
      output([3], [1, 5, 0], 'labels'),
      output([3, 4], [1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8], 'boxes'),
      output([3], [0.9, 0.9, 0.2], 'scores'),
    ];
    const found = layout.decode(outputs, ask());
    expect([...found.boxes]).toEqual([1, 2, 3, 4]);
    expect([...found.classes]).toEqual([1]);
    expect(() => layout.decode(outputs.slice(1), ask())).toThrow('An output "labels"');
  });

  test('detr: one logit more than classes is "no object"', () => {
    const boxes = output([1, 1, 4], [0.5, 0.5, 0.5, 0.25], 'pred_boxes');
    const decode = (logits: readonly number[]) =>
      findLayout('detr-logits').decode(
        [output([1, 1, logits.length], logits, 'logits'), boxes],
        ask(),
      );
    expect(decode([0, 1, 9]).scores).toHaveLength(0);
    const found = decode([0, Math.log(3), 0]);
    near(found.scores, [3 / 5]);
    near(found.boxes, [8, 12, 24, 20]);
    // As many as classes: each by itself.
    near(decode([-9, Math.log(3)]).scores, [3 / 4]);
  });

  test('classify: logits become probabilities, probabilities stay', () => {
    const decode = (values: readonly number[]) =>
      findLayout('classify').decode([output([1, 2], values)], ask()).classScores;
    near(decode([0, Math.log(4)]), [0.2, 0.8]);
    near(decode([0.3, 0.7]), [0.3, 0.7]);
  });

  test('ctc: a character goes on until another comes; a blank parts two equal ones', () => {
    const characters = ['a', 'b'];
    const line = (...classes: readonly number[]) => {
      const rows = classes.flatMap((c) => [0, 1, 2, 3].map((k) => (k === c ? 0.7 : 0.1)));
      return findLayout('ctc').decode(
        [output([1, classes.length, 4], rows)],
        ask({ output: { layout: '', characters } }),
      ).text;
    };
    const read = line(1, 1, 0, 1, 2, 3, 3, 1, 0);
    expect(read?.text).toBe('aab a');
    expect(read?.confidence).toBeCloseTo(0.7, 5);
    expect(line(0, 0)).toEqual({ text: '', confidence: 0 });
    const layout = findLayout('ctc');
    expect(() => layout.decode([output([1, 1, 9], new Array(9).fill(0))], ask())).toThrow(
      'tells 9 classes apart',
    );
  });

  test('the least box around points may lean', () => {
    const [cx, cy, width, height, angle] = minAreaRect([
      [0, 0],
      [4, 4],
      [3, 5],
      [-1, 1],
      [1, 2],
    ]);
    near([cx, cy], [1.5, 2.5]);
    const sides = [width, height].toSorted((a, b) => a - b);
    near(sides, [Math.SQRT2, 4 * Math.SQRT2]);
    expect(Math.abs(angle)).toBeCloseTo(Math.PI / 4, 5);
    expect(minAreaRect([[3, 4]])).toEqual([3, 4, 0, 0, 0]);
  });
});

describe('a bare file', () => {
  const image: TensorInfo = { name: 'images', elementType: FLOAT32, dims: [1, 3, 640, 640] };
  const file = (
    outputs: readonly (readonly [name: string, dims: TensorInfo['dims']])[],
    metadata: Record<string, string> = {},
    input = image,
  ): OnnxFile => ({
    inputs: [input],
    outputs: outputs.map(([name, dims]) => ({ name, elementType: FLOAT32, dims })),
    metadata: new Map(Object.entries(metadata)),
    weightFiles: [],
  });
  const ultralytics = (task: string, more: Record<string, string> = {}) => ({
    task,
    names: "{0: 'a', 1: 'b'}",
    ...more,
  });
  const pose = ultralytics('pose', { kpt_shape: '[17, 3]' });
  const protos = ['output1', [1, 32, 160, 160]] as const;

  for (const [layout, outputs, metadata] of [
    ['yolo-detect', [['output0', [1, 6, 8400]]], ultralytics('detect')],
    // Two classes: as many channels as a row has; the place tells them apart.
    ['yolo-final', [['output0', [1, 300, 6]]], ultralytics('detect')],
    ['yolo-segment', [['output0', [1, 38, 8400]], protos], ultralytics('segment')],
    ['yolo-segment-final', [['output0', [1, 300, 38]], protos], ultralytics('segment')],
    ['yolo-pose', [['output0', [1, 57, 8400]]], pose],
    ['yolo-pose-final', [['output0', [1, 300, 57]]], pose],
    ['yolo-obb', [['output0', [1, 7, 8400]]], ultralytics('obb')],
    ['yolo-obb-final', [['output0', [1, 300, 7]]], ultralytics('obb')],
    // A size left open by the file is that of every export but the suppressing ones.
    ['yolo-detect', [['output0', [undefined, 6, undefined]]], ultralytics('detect')],
    ['classify', [['output0', [1, 2]]], ultralytics('classify')],
    ['yolox', [['output', [1, 8400, 85]]], {}],
    ['ctc', [['softmax', [undefined, undefined, 4]]], { character: 'a\nb\n' }],
  ] as const) {
    test(`is known as ${layout} by ${JSON.stringify(outputs)}`, () => {
      expect(recognise(file(outputs, metadata)).layout.name).toBe(layout);
    });
  }

  test('says its classes, size, keypoints and characters', () => {
    const found = recognise(file([['output0', [1, 57, 8400]]], { ...pose, imgsz: '[320, 640]' }));
    expect(found).toMatchObject({
      classNames: ['a', 'b'],
      size: { height: 320, width: 640 },
      output: { keypoints: [17, 3] },
    });
    const characters = { character: 'a\n \nb' };
    const reader = recognise(file([['softmax', [1, 40, 5]]], characters));
    expect(reader.output).toEqual({ characters: ['a', ' ', 'b'] });
    expect(recognise(file([['output', [1, 8400, 7]]])).classNames).toEqual(['class 0', 'class 1']);
  });

  test('that is not known is described, with what its manifest must say', () => {
    const unknown = () => recognise(file([['depth', [1, 1, 640, 640]]]));
    expect(unknown).toThrow('takes images float32 [1, 3, 640, 640]');
    expect(unknown).toThrow('gives depth float32 [1, 1, 640, 640]');
    expect(unknown).toThrow('must say output.layout (yolo-detect, ');
    const detr = () =>
      recognise(
        file([
          ['labels', [1, 300]],
          ['boxes', [1, 300, 4]],
          ['scores', [1, 300]],
        ]),
      );
    expect(detr).toThrow('output.layout "detr-final"');
  });
});
