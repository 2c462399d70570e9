import { describe, expect, test } from 'bun:test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError } from '@demeter/common/errors';
import { InferenceSession } from 'onnxruntime-node';
import { onnxFile } from '../_onnx.ts';
import { runTensors } from './raw-run.ts';
import { checkFeeds, checkOutputs, movable, type NamedTensor } from './tensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'demeter-tensors-'));

/** y = x, of any type. */
async function identity(elementType: number): Promise<InferenceSession> {
  const path = join(folder, `identity-${elementType}.onnx`);
  const dims = ['n', 3];
  writeFileSync(
    path,
    onnxFile({
      inputs: [{ name: 'x', elementType, dims }],
      outputs: [{ name: 'y', elementType, dims }],
      nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
    }),
  );
  return await InferenceSession.create(path);
}

describe('tensors of every type', () => {
  const cases: readonly (readonly [number, Pick<NamedTensor, 'type' | 'data'>])[] = [
    [1, { type: 'float32', data: Float32Array.of(1.5, -2, 0) }],
    [11, { type: 'float64', data: Float64Array.of(0.1, -2, 1e300) }],
    // 1, 2 and 0.5 as half floats.
    [10, { type: 'float16', data: Uint16Array.of(0x3c00, 0x4000, 0x3800) }],
    [3, { type: 'int8', data: Int8Array.of(-128, 0, 127) }],
    [5, { type: 'int16', data: Int16Array.of(-32768, 0, 7) }],
    [6, { type: 'int32', data: Int32Array.of(-1, 0, 2 ** 31 - 1) }],
    [7, { type: 'int64', data: BigInt64Array.of(-1n, 0n, 2n ** 62n) }],
    [2, { type: 'uint8', data: Uint8Array.of(0, 1, 255) }],
    [4, { type: 'uint16', data: Uint16Array.of(0, 1, 65_535) }],
    [12, { type: 'uint32', data: Uint32Array.of(0, 1, 2 ** 32 - 1) }],
    [13, { type: 'uint64', data: BigUint64Array.of(0n, 1n, 2n ** 64n - 1n) }],
    [9, { type: 'bool', data: Uint8Array.of(1, 0, 1) }],
    [8, { type: 'string', data: ['a', '', 'über'] }],
  ];
  for (const [elementType, { type, data }] of cases) {
    test(`${type} goes through a session and comes back the same`, async () => {
      const session = await identity(elementType);
      const feed: NamedTensor = { name: 'x', type, dims: [1, 3], data };
      checkFeeds([{ name: 'x', elementType, dims: [undefined, 3] }], [feed]);
      expect(await runTensors(session, { feeds: [feed], outputs: [] })).toEqual([
        { ...feed, name: 'y' },
      ]);
      await session.release();
    });
  }
});

describe('feeds', () => {
  const inputs = [
    { name: 'image', elementType: 1, dims: [undefined, 3, 2, 2] },
    { name: 'size', elementType: 7, dims: [undefined, 2] },
  ];
  const image: NamedTensor = {
    name: 'image',
    type: 'float32',
    dims: [2, 3, 2, 2],
    data: new Float32Array(24),
  };
  const size: NamedTensor = {
    name: 'size',
    type: 'int64',
    dims: [2, 2],
    data: new BigInt64Array(4),
  };
  const refusal = (feeds: readonly NamedTensor[]) => {
    try {
      checkFeeds(inputs, feeds);
    } catch (error) {
      const { code, field, message } = error as AppError;
      return { code, field, message };
    }
    return undefined;
  };

  test('are taken in any order', () => {
    expect(refusal([size, image])).toBeUndefined();
  });

  const wrong: readonly (readonly [string, string, readonly NamedTensor[], string])[] = [
    ['an input that is missing', 'size', [image], 'is missing'],
    ['one that is there twice', 'image', [image, size, image], 'is there twice'],
    ['a name that is no input', 'mask', [image, size, { ...size, name: 'mask' }], 'is no input'],
    ['another type', 'image', [{ ...image, type: 'float64' }, size], 'is float32, not float64'],
    ['another rank', 'size', [image, { ...size, dims: [4] }], 'has the shape [?, 2], not [4]'],
    [
      'another size',
      'image',
      [{ ...image, dims: [2, 1, 6, 2] }, size],
      'has the shape [?, 3, 2, 2]',
    ],
    ['a dimension below zero', 'size', [image, { ...size, dims: [-2, 2] }], 'has the shape'],
    ['a dimension that is no number', 'size', [image, { ...size, dims: [Number.NaN, 2] }], 'shape'],
    [
      'too few values',
      'image',
      [{ ...image, data: new Float32Array(23) }, size],
      'needs 24 values',
    ],
    [
      'values of another kind',
      'image',
      [{ ...image, data: new Float64Array(24) }, size],
      'carries',
    ],
  ];
  for (const [what, field, feeds, message] of wrong) {
    test(`${what} is refused by name`, () => {
      expect(refusal(feeds)).toMatchObject({ code: 'INVALID_INPUT', field });
      expect(refusal(feeds)?.message).toContain(message);
    });
  }

  test('an output that the model does not have is refused', () => {
    expect(() => checkOutputs(inputs, ['image'])).not.toThrow();
    expect(() => checkOutputs(inputs, ['image', 'masks'])).toThrow('is no output');
  });

  test('move only buffers that hold nothing else, each once', () => {
    const shared = new Float32Array(8);
    const part = { ...image, data: shared.subarray(0, 4) };
    expect(movable([part])).toEqual([]);
    expect(movable([image, image, size])).toHaveLength(2);
  });
});
