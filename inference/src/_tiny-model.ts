/** For tests: a classifier of a few hundred bytes that always answers the same class. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnxFile } from './_onnx.ts';

export const TINY_PX = 32;
export const TINY_CLASSES = ['aloe', 'basil', 'cactus', 'dill'] as const;

export interface Tiny {
  /** Index of the class that it always answers. */
  readonly answers: number;
  /** Weights that do nothing but take room. */
  readonly ballastBytes?: number;
  /** Makes a square of so many numbers a side while it runs. */
  readonly squareSide?: number;
}

/** `images` [n, 3, 32, 32] → `output0` [n, 4]; it says itself what it is. */
export function tinyModel({ answers, ballastBytes = 0, squareSide = 1 }: Tiny): Uint8Array {
  const classes = TINY_CLASSES.length;
  const bias = Float32Array.from({ length: classes }, (_, index) => (index === answers ? 9 : 0));
  const ballast = new Float32Array(Math.max(1, Math.floor(ballastBytes / 4)));
  return onnxFile({
    inputs: [{ name: 'images', elementType: 1, dims: ['n', 3, TINY_PX, TINY_PX] }],
    outputs: [{ name: 'output0', elementType: 1, dims: ['n', classes] }],
    nodes: [
      { op: 'GlobalAveragePool', inputs: ['images'], outputs: ['mean'] },
      { op: 'Flatten', inputs: ['mean'], outputs: ['flat'] },
      { op: 'MatMul', inputs: ['flat', 'weights'], outputs: ['product'] },
      // Of nothing but zeros the first: known only in a run, so that no ballast is folded away.
      { op: 'ArgMax', inputs: ['product'], outputs: ['index'] },
      { op: 'Gather', inputs: ['ballast', 'index'], outputs: ['nothing'] },
      { op: 'Add', inputs: ['product', 'bias'], outputs: ['biased'] },
      { op: 'ConstantOfShape', inputs: ['shape'], outputs: ['square'] },
      { op: 'ReduceMax', inputs: ['square'], outputs: ['zero'] },
      { op: 'Sum', inputs: ['biased', 'nothing', 'zero'], outputs: ['logits'] },
      { op: 'Softmax', inputs: ['logits'], outputs: ['output0'] },
    ],
    weights: [
      { name: 'weights', dims: [3, classes], data: new Float32Array(3 * classes) },
      { name: 'bias', dims: [classes], data: bias },
      { name: 'shape', dims: [2], data: BigInt64Array.of(BigInt(squareSide), BigInt(squareSide)) },
      { name: 'ballast', dims: [ballast.length], data: ballast },
    ],
    metadata: {
      task: 'classify',
      names: `{${TINY_CLASSES.map((name, index) => `${index}: '${name}'`).join(', ')}}`,
      imgsz: `[${TINY_PX}, ${TINY_PX}]`,
    },
  });
}

/** Puts it into `folder` as `<name>/<version>/<name>.onnx`. */
export function writeTiny(
  folder: string,
  model: Tiny & { readonly name: string; readonly version: string },
): { readonly path: string; readonly sha256: Buffer } {
  const bytes = tinyModel(model);
  const at = join(folder, model.name, model.version);
  mkdirSync(at, { recursive: true });
  const path = join(at, `${model.name}.onnx`);
  writeFileSync(path, bytes);
  return { path, sha256: createHash('sha256').update(bytes).digest() };
}
