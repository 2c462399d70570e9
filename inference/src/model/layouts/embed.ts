import { ULTRALYTICS } from '../preprocessing.ts';
import type { Layout } from './layout.ts';
import { findOutput, noObjects, ofImage } from './tensors.ts';

/** [N, D] (or [N, D, 1, 1]): one vector a photo, answered as the model gives it. */
export const embed: Layout = {
  name: 'embed',
  task: 'embed',
  preprocessing: { ...ULTRALYTICS, fit: 'crop' },
  // A vector looks like a classifier's logits: only a manifest can tell.
  recognise: () => undefined,
  decode: (outputs, { index }) => {
    const output = findOutput(
      outputs,
      'An output [N, D]',
      ({ dims }) => dims.length >= 2 && dims.slice(2).every((dim) => dim === 1),
    );
    return { ...noObjects(), embedding: ofImage(output, index).slice() };
  },
};
