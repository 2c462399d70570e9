/** Models whose exporter put the weights into another file, as PyTorch's does. */
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnxFile } from '../_onnx.ts';
import { temporaryFolder } from '../_testing.ts';
import { type KnownEntries, readRepository } from './repository.ts';
import { Sessions } from './sessions.ts';

const CLASSES = ['aloe', 'basil', 'cactus'];
let folder: string;
let sessions: Sessions | undefined;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  await sessions?.close();
  sessions = undefined;
});

/** Always answers the class with the largest bias, which stands in `file`. */
function writeModel(file: string): Uint8Array {
  const bytes = onnxFile({
    inputs: [{ name: 'images', elementType: 1, dims: ['n', 3, 32, 32] }],
    outputs: [{ name: 'output0', elementType: 1, dims: ['n', 3] }],
    nodes: [
      { op: 'GlobalAveragePool', inputs: ['images'], outputs: ['mean'] },
      { op: 'Flatten', inputs: ['mean'], outputs: ['flat'] },
      { op: 'Add', inputs: ['flat', 'bias'], outputs: ['logits'] },
      { op: 'Softmax', inputs: ['logits'], outputs: ['output0'] },
    ],
    weights: [{ name: 'bias', dims: [3], data: new Float32Array(3), file }],
    metadata: {
      task: 'classify',
      names: `{${CLASSES.map((name, index) => `${index}: '${name}'`).join(', ')}}`,
      imgsz: '[32, 32]',
    },
  });
  writeFileSync(join(folder, 'plain.onnx'), bytes);
  return bytes;
}

function writeBias(...bias: readonly number[]): Buffer {
  const bytes = Buffer.from(Float32Array.from(bias).buffer);
  writeFileSync(join(folder, 'plain.onnx.data'), bytes);
  return bytes;
}

async function readOne(known?: KnownEntries) {
  const [entry] = await readRepository([folder], undefined, known);
  if (!entry) throw new Error('no model was found');
  return 'spec' in entry ? { spec: entry.spec } : { reason: entry.error.message };
}

const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('they are loaded with it, and its hash is of both', async () => {
  const model = writeModel('plain.onnx.data');
  const weights = writeBias(0, 9, 0);
  const known: KnownEntries = new Map();
  const { spec } = await readOne(known);
  const lines = `${sum(model)}  plain.onnx\n${sum(weights)}  plain.onnx.data\n`;
  expect(spec?.digest.toString('hex')).toBe(sum(Buffer.from(lines)));

  sessions = new Sessions();
  await sessions.load(spec!, { providers: ['cpu'], threads: 1 });
  const image = { name: 'images', dims: [1, 3, 32, 32], type: 'float32' as const };
  const data = new Float32Array(3 * 32 * 32);
  const { outputs } = await sessions.runTensors([{ ...image, data }]);
  const scores = [...(outputs[0]!.data as Float32Array)];
  expect(CLASSES[scores.indexOf(Math.max(...scores))]).toBe('basil');

  writeBias(0, 0, 9);
  const changed = await readOne(known);
  expect(changed.spec?.digest.equals(spec!.digest)).toBe(false);
});

test('without them it is refused, until they are there', async () => {
  writeModel('plain.onnx.data');
  const known: KnownEntries = new Map();
  expect((await readOne(known)).reason).toContain('weights are in plain.onnx.data');
  writeBias(1, 0, 0);
  expect((await readOne(known)).spec?.classNames).toEqual(CLASSES);
  rmSync(join(folder, 'plain.onnx.data'));
  expect((await readOne(known)).reason).toContain('weights are in plain.onnx.data');
});

test.each(['../elsewhere', '/etc/hostname', 'below/plain.onnx.data'])(
  '%s is none of its files',
  async (file) => {
    writeModel(file);
    expect((await readOne()).reason).toContain('not beside it');
  },
);
