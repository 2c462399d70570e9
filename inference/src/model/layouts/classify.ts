import { ULTRALYTICS } from '../preprocessing.ts';
import type { Layout } from './layout.ts';
import { findOutput, noObjects, ofImage, toProbabilities } from './tensors.ts';
import { readUltralytics } from './ultralytics.ts';

/**
 * [N, classes], probabilities or logits. Ultralytics' see the middle of the photo, 0–1; others,
 * such as torchvision's, say their mean and std in the manifest.
 */
export const classify: Layout = {
  name: 'classify',
  task: 'classify',
  preprocessing: { ...ULTRALYTICS, fit: 'crop' },
  recognise: (file) => readUltralytics(file, 'classify'),
  decode: (outputs, { index, classNames }) => {
    const output = findOutput(
      outputs,
      `An output [N, ${classNames.length}]`,
      ({ dims }) => dims[1] === classNames.length && dims.slice(2).every((dim) => dim === 1),
    );
    return { ...noObjects(), classScores: toProbabilities(ofImage(output, index)) };
  },
};
