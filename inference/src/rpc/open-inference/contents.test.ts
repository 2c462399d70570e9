import { describe, expect, test } from 'bun:test';
import type { InferTensorContents__Output } from '@demeter/proto';
import type { NamedTensor } from '../../model/tensors.ts';
import { readRaw, readTyped, toRaw, toTyped } from './contents.ts';
import { datatypeOf, parseDatatype } from './datatypes.ts';

const NOTHING: InferTensorContents__Output = {
  bool_contents: [],
  int_contents: [],
  int64_contents: [],
  uint_contents: [],
  uint64_contents: [],
  fp32_contents: [],
  fp64_contents: [],
  bytes_contents: [],
};

/** One of each type, at the ends of what it holds. */
const TENSORS: readonly NamedTensor[] = [
  { name: 'x', type: 'bool', dims: [3], data: new Uint8Array([0, 1, 1]) },
  { name: 'x', type: 'uint8', dims: [2], data: new Uint8Array([0, 255]) },
  { name: 'x', type: 'uint16', dims: [2], data: new Uint16Array([0, 65_535]) },
  { name: 'x', type: 'uint32', dims: [1, 2], data: new Uint32Array([0, 2 ** 32 - 1]) },
  { name: 'x', type: 'uint64', dims: [2], data: new BigUint64Array([0n, 2n ** 64n - 1n]) },
  { name: 'x', type: 'int8', dims: [2], data: new Int8Array([-128, 127]) },
  { name: 'x', type: 'int16', dims: [2], data: new Int16Array([-32_768, 32_767]) },
  { name: 'x', type: 'int32', dims: [2], data: new Int32Array([-(2 ** 31), 2 ** 31 - 1]) },
  { name: 'x', type: 'int64', dims: [2], data: new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]) },
  { name: 'x', type: 'float32', dims: [3], data: new Float32Array([-0.5, 0, 3.25e38]) },
  { name: 'x', type: 'float64', dims: [1], data: new Float64Array([1e300]) },
  { name: 'x', type: 'string', dims: [3], data: ['', 'año', 'b'] },
];
const FLOAT16: NamedTensor = {
  ...{ name: 'x', type: 'float16', dims: [2] },
  data: new Uint16Array([0x3c00, 0x7bff]),
};

function headOf({ name, type, dims }: NamedTensor) {
  return { name, datatype: datatypeOf(type), dims };
}

describe('tensors in messages', () => {
  test.each([...TENSORS, FLOAT16].map((tensor) => [tensor.type, tensor] as const))(
    '%s comes out of raw bytes as it went in',
    (_, tensor) => {
      // As messages carry them: a view into something larger, at an odd place.
      const bytes = Buffer.concat([Buffer.alloc(3), toRaw(tensor)]).subarray(3);
      expect(readRaw(headOf(tensor), bytes)).toEqual(tensor);
    },
  );

  test.each(TENSORS.map((tensor) => [tensor.type, tensor] as const))(
    '%s comes out of typed contents as it went in',
    (_, tensor) => {
      const contents = { ...NOTHING, ...(toTyped(tensor) as Partial<typeof NOTHING>) };
      expect(readTyped(headOf(tensor), contents)).toEqual(tensor);
    },
  );

  test('raw bytes are little-endian, and BYTES elements come after their length', () => {
    const raw = (tensor: NamedTensor) => toRaw(tensor).toString('hex');
    const int32 = new Int32Array([1, -2]);
    expect(raw({ name: 'x', type: 'int32', dims: [2], data: int32 })).toBe('01000000feffffff');
    expect(raw({ name: 'x', type: 'string', dims: [2], data: ['ab', ''] })).toBe(
      '02000000616200000000',
    );
  });

  test.each([
    ['too few bytes', 'FP32', Buffer.alloc(7), 'needs 8 bytes; there are 7'],
    ['an element cut short', 'BYTES', Buffer.from('05000000aa', 'hex'), 'ends inside an element'],
    ['a length cut short', 'BYTES', Buffer.from('0500', 'hex'), 'ends inside an element'],
    ['no UTF-8', 'BYTES', Buffer.from('01000000ff', 'hex'), 'no UTF-8'],
  ])('refuses raw contents with %s', (_, name, raw, why) => {
    const head = { name: 'x', datatype: parseDatatype(name, 'x'), dims: [2] };
    expect(() => readRaw(head, raw)).toThrow(why);
  });

  test.each([
    ['a value beyond its type', 'INT8', { int_contents: [1, 128] }, 'the value 128'],
    ['a byte of nine bits', 'UINT8', { uint_contents: [256] }, 'the value 256'],
    ['another list', 'FP32', { fp64_contents: [1] }, 'needs fp32_contents, not fp64_contents'],
    ['float16, which is raw only', 'FP16', { fp32_contents: [1] }, 'raw_input_contents only'],
  ])('refuses typed contents with %s', (_, name, contents, why) => {
    const head = { name: 'x', datatype: parseDatatype(name, 'x'), dims: [2] };
    expect(() => readTyped(head, { ...NOTHING, ...contents })).toThrow(why);
  });

  test('refuses a datatype that is none, and one that no session takes', () => {
    expect(() => parseDatatype('float32', 'x')).toThrow("datatype 'float32'");
    expect(() => parseDatatype('BF16', 'x')).toThrow("datatype 'BF16'");
  });
});
