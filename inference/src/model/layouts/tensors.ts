import { AppError } from '@demeter/common/errors';
import type { Candidates, Output } from './layout.ts';

/** An image in which no object was looked for. */
export function noObjects(): Pick<Candidates, 'boxes' | 'scores' | 'classes' | 'capped'> {
  return {
    boxes: new Float32Array(),
    scores: new Float32Array(),
    classes: new Uint32Array(),
    capped: false,
  };
}

/** The first output that `accept` takes. Throws MODEL_INVALID naming what there is. */
export function findOutput(
  outputs: readonly Output[],
  expected: string,
  accept: (output: Output) => boolean,
): Output {
  const found = outputs.find(accept);
  if (found) return found;
  const has = outputs.map(({ name, dims }) => `${name} [${dims.join(', ')}]`).join(', ');
  throw new AppError('MODEL_INVALID', `${expected} was expected; the model gives ${has}.`);
}

/** The numbers of one image of a batch: a view. */
export function ofImage({ data, dims }: Output, index: number): Float32Array {
  const length = data.length / (dims[0] || 1);
  return data.subarray(index * length, (index + 1) * length);
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Probabilities: as they are if they are some already, else their softmax. */
export function toProbabilities(values: Float32Array): Float32Array {
  const sum = values.reduce((total, value) => total + value, 0);
  if (Math.abs(sum - 1) < 1e-2 && values.every((value) => value >= 0)) return values.slice();
  const largest = values.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  const powers = values.map((value) => Math.exp(value - largest));
  const total = powers.reduce((all, value) => all + value, 0);
  return powers.map((value) => value / total);
}

/** Index of the largest value in `values[from..to)`; of equal ones the first. */
export function argmax(values: Float32Array, from: number, to: number): number {
  let best = from;
  for (let i = from + 1; i < to; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
