import { AppError } from '@demeter/common/errors';
import { ULTRALYTICS } from '../preprocessing.ts';
import type { Layout } from './layout.ts';
import { argmax, findOutput, noObjects, ofImage, toProbabilities } from './tensors.ts';

/**
 * A text line read from left to right: [N, T, C], a probability of each character at each step;
 * class 0 is the blank, a class beyond the characters the space. Input of fixed height and open
 * width, BGR, −1..1, 0 beside it. Source: PaddleOCR ppocr/postprocess/rec_postprocess.py.
 */
export const ctc: Layout = {
  name: 'ctc',
  task: 'read-text',
  preprocessing: {
    ...ULTRALYTICS,
    fit: 'line',
    colour: 'BGR',
    mean: [0.5],
    std: [0.5],
    pad: 127.5,
  },
  recognise: ({ metadata, inputs }) => {
    const characters = metadata.get('character')?.split(/\r?\n/);
    if (characters === undefined) return undefined;
    // A final line break makes an empty last entry.
    if (characters.at(-1) === '') characters.pop();
    const [, , height = 48, width = 320] = inputs[0]?.dims ?? [];
    return { classNames: [], size: { height, width }, output: { characters } };
  },
  decode: (outputs, { index, output: { characters = [] } }) => {
    const output = findOutput(
      outputs,
      'An output [N, steps, characters]',
      (o) => o.dims.length === 3,
    );
    const [, steps = 0, columns = 0] = output.dims;
    const spare = columns - characters.length;
    if (spare !== 1 && spare !== 2) {
      throw new AppError(
        'MODEL_INVALID',
        `The model tells ${columns} classes apart; with ${characters.length} characters, a blank and a space it would be ${characters.length + 2}.`,
      );
    }
    const data = ofImage(output, index);
    let text = '';
    let sum = 0;
    let read = 0;
    let last = 0;
    for (let step = 0; step < steps; step++) {
      const row = data.subarray(step * columns, (step + 1) * columns);
      const best = argmax(row, 0, columns);
      // A character goes on until another, or a blank, comes.
      if (best !== 0 && best !== last) {
        text += characters[best - 1] ?? ' ';
        sum += toProbabilities(row)[best]!;
        read++;
      }
      last = best;
    }
    return { ...noObjects(), text: { text, confidence: read === 0 ? 0 : sum / read } };
  },
};
