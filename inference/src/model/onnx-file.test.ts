import { describe, expect, test } from 'bun:test';
import { dataFile, testData } from '../_testing.ts';
import { FLOAT32, parseOnnxFile } from './onnx-file.ts';

const read = (name: string) => Bun.file(dataFile('photos-and-models/models', name)).bytes();

describe.skipIf(testData === undefined)('a real ONNX file', () => {
  test('says its metadata, inputs and outputs', async () => {
    const file = parseOnnxFile(await read('yolov8n-seg_int8_320.onnx'));
    expect(file.metadata.get('task')).toBe('segment');
    expect(file.metadata.get('names')).toStartWith("{0: 'person'");
    expect(file.inputs).toEqual([{ name: 'images', elementType: FLOAT32, dims: [1, 3, 320, 320] }]);
    expect(file.outputs.map((output) => output.dims)).toEqual([
      [1, 116, 2100],
      [1, 32, 80, 80],
    ]);
  });

  test('leaves open what the file leaves open', async () => {
    const file = parseOnnxFile(await read('ppocr_cls.onnx'));
    expect(file.inputs[0]?.dims).toEqual([undefined, 3, undefined, undefined]);
  });

  test('is refused when cut short, at any place', async () => {
    const bytes = await read('yolov8n_int8_640.onnx');
    for (const share of [0.001, 0.1, 0.5, 0.9, 0.999]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * share));
      expect(() => parseOnnxFile(cut)).toThrow('no ONNX model');
    }
  });
});

test('what is no ONNX file is refused', () => {
  expect(() => parseOnnxFile(new Uint8Array())).toThrow('no ONNX model');
  expect(() => parseOnnxFile(Buffer.from('<html>not found</html>'))).toThrow('no ONNX model');
  expect(() => parseOnnxFile(new Uint8Array(1_000).fill(0xff))).toThrow('no ONNX model');
});
