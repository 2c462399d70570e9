import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { onnxFile } from '../_onnx.ts';
import { dataFile, testData } from '../_testing.ts';
import { openPhoto } from '../pipeline/decode.ts';
import { nms } from '../pipeline/nms.ts';
import { fillTile } from './fill-tile.ts';
import { canTakePixels, pixelsName, takePixels } from './graph-edit.ts';
import { findLayout } from './layouts/layouts.ts';
import { parseOnnxFile } from './onnx-file.ts';
import { type Preprocessing, toChannels, ULTRALYTICS } from './preprocessing.ts';

// Sessions are made slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

/** Answers its input as it is. */
function identity(elementType = 1): Uint8Array {
  const dims = ['batch', 3, 'height', 'width'];
  return onnxFile({
    inputs: [{ name: 'x', elementType, dims }],
    outputs: [{ name: 'y', elementType, dims }],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
  });
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

async function edited(model: Uint8Array, pixels: Preprocessing): Promise<InferenceSession> {
  return InferenceSession.create(takePixels(model, parseOnnxFile(model).inputs[0]!, pixels));
}

const variants: Record<string, Preprocessing> = {
  'RGB, 0–1': ULTRALYTICS,
  'BGR, 0–255': { ...ULTRALYTICS, colour: 'BGR', range: [0, 255] },
  'normalised by channel': {
    ...ULTRALYTICS,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
  'BGR, −1–1': { ...ULTRALYTICS, colour: 'BGR', range: [-1, 1] },
};
const size = { width: 64, height: 32 };

for (const [name, pixels] of Object.entries(variants)) {
  test(`the graph makes the same input tensor of bytes: ${name}`, async () => {
    const data = randomBytes(3 * 64 * 32);
    const target = new Float32Array(data.length);
    const tile = { ...size, x: 0, y: 0, left: 0, top: 0, canvas: size };
    fillTile({ ...size, data }, tile, { target, channels: toChannels(pixels, 3) });
    const session = await edited(identity(), pixels);
    const { y } = await session.run({
      [pixelsName('x')]: new Tensor('uint8', data, [1, 32, 64, 3]),
    });
    expect(y?.dims).toEqual([1, 3, 32, 64]);
    // Relative to the range: 0–255 has no number closer than 1e-5 to the next one.
    const scale = Math.max(1, ...pixels.range);
    const made = y?.data as Float32Array;
    const apart = target.reduce((most, value, i) => Math.max(most, Math.abs(value - made[i]!)), 0);
    expect(apart / scale).toBeLessThan(1e-6);
    await session.release();
  });
}

test('a float16 model takes bytes as well; grey, other channels and half pads are left alone', async () => {
  const [x] = parseOnnxFile(identity(10)).inputs;
  expect(canTakePixels(x!, ULTRALYTICS)).toBe(true);
  const session = await edited(identity(10), ULTRALYTICS);
  const white = new Uint8Array(3 * 64 * 32).fill(255);
  const { y } = await session.run({
    [pixelsName('x')]: new Tensor('uint8', white, [1, 32, 64, 3]),
  });
  expect(y?.type).toBe('float16');
  expect([...new Set(y?.data as unknown as Float16Array)]).toEqual([1]);
  await session.release();

  expect(canTakePixels(x!, { ...ULTRALYTICS, colour: 'GREY' })).toBe(false);
  expect(canTakePixels(x!, { ...ULTRALYTICS, pad: 127.5 })).toBe(false);
  expect(canTakePixels({ ...x!, dims: [1, 1, 32, 64] }, ULTRALYTICS)).toBe(false);
  expect(canTakePixels({ ...x!, elementType: 7 }, ULTRALYTICS)).toBe(false);
});

/** Boxes that a detector with `classes` classes finds in its one output [1, 4 + classes, anchors]. */
function keptBoxes(output: Tensor, classes: number) {
  const classNames = Array.from({ length: classes }, (_, index) => `class ${index}`);
  const named = [{ name: 'output', dims: output.dims, data: output.data as Float32Array }];
  const set = findLayout('yolo-detect').decode(named, {
    ...tileSize,
    classNames,
    confidence: 0.25,
    masks: false,
    index: 0,
    output: { layout: 'yolo-detect' },
  });
  const kept = nms(set, { iou: 0.5, inside: 0.8 });
  return [...kept].map((index) => `${set.classes[index]} @ ${index}`);
}
const tileSize = { width: 640, height: 640 };

async function compare(path: string, photo: string): Promise<void> {
  const model = await Bun.file(path).bytes();
  const [input] = parseOnnxFile(model).inputs;
  const opened = await openPhoto(await Bun.file(dataFile('photos-and-models', photo)).bytes(), 1e8);
  const image = await opened.decode(tileSize, 'linear');
  const target = new Float32Array(3 * 640 * 640);
  const tile = { ...tileSize, x: 0, y: 0, left: 0, top: 0, canvas: tileSize };
  fillTile(image, tile, { target, channels: toChannels(ULTRALYTICS, 3) });
  const plain = await InferenceSession.create(model);
  const pixels = await edited(model, ULTRALYTICS);
  const expected = await plain.run({
    [input!.name]: new Tensor('float32', target, [1, 3, 640, 640]),
  });
  const got = await pixels.run({
    [pixelsName(input!.name)]: new Tensor('uint8', image.data, [1, 640, 640, 3]),
  });
  for (const name of plain.outputNames) {
    const [a, b] = [expected[name]!.data as Float32Array, got[name]!.data as Float32Array];
    // rtol 1e-4, and for numbers near nothing as much of the smallest pixel or share.
    const wrong = a.findIndex(
      (value, i) => Math.abs(value - b[i]!) > 1e-4 * Math.abs(value) + 1e-5,
    );
    expect(wrong, `${name}: ${a[wrong]} and ${b[wrong]}`).toBe(-1);
    const classes = expected[name]!.dims[1]! - 4;
    const boxes = keptBoxes(expected[name]!, classes);
    expect(boxes.length).toBeGreaterThan(3);
    expect(keptBoxes(got[name]!, classes)).toEqual(boxes);
  }
  await Promise.all([plain.release(), pixels.release()]);
}

describe.skipIf(testData === undefined)('outputs and kept boxes stay the same', () => {
  test('of a float32 model', () =>
    compare(
      join(import.meta.dir, '../../../models/plants/1/plants.onnx'),
      'trays/arabidopsis_tray.jpg',
    ));
  test('of an int8 model', () =>
    compare(dataFile('photos-and-models/models/yolov8n_int8_640.onnx'), 'reference/bus.jpg'));
});
