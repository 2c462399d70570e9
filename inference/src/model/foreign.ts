import { AppError } from '@demeter/common/errors';
import type { Layout, Recognised } from './layouts/layout.ts';
import { LAYOUTS } from './layouts/layouts.ts';
import type { BesideInput } from './model-spec.ts';
import { FLOAT16, FLOAT32, type OnnxFile, type TensorInfo, typeName } from './onnx-file.ts';

/** Finds the family of a file without a manifest. Throws MODEL_INVALID saying what was seen. */
export function recognise(file: OnnxFile): Recognised & { readonly layout: Layout } {
  for (const layout of LAYOUTS) {
    const found = layout.recognise(file);
    if (found) return { ...found, layout };
  }
  const task = file.metadata.get('task');
  const names = LAYOUTS.map(({ name }) => name).join(', ');
  throw new AppError(
    'MODEL_INVALID',
    `The file is of no family known here: ${describe(file)}${task ? `, task "${task}"` : ''}. ` +
      `A manifest.json beside it must say output.layout (${names}), input.size and classes.`,
  );
}

/** Inputs and outputs with types and shapes, as far as the file says them. */
export function describe({ inputs, outputs }: Pick<OnnxFile, 'inputs' | 'outputs'>): string {
  const list = (tensors: readonly TensorInfo[]) => tensors.map(toText).join(' and ') || 'nothing';
  return `it takes ${list(inputs)} and gives ${list(outputs)}`;
}

function toText({ name, elementType, dims }: TensorInfo): string {
  return `${name} ${typeName(elementType)} [${dims.map((dim) => dim ?? '?').join(', ')}]`;
}

export interface ImageInputs {
  readonly image: TensorInfo;
  readonly channels: number;
  readonly beside: readonly BesideInput[];
}

const INT64 = 7;
const BESIDE = { 2: 'size', 3: 'mask' } as const;

/** The image input, float32 or float16 [N, 1 or 3, H, W], and what is beside it. Throws MODEL_INVALID. */
export function readInputs(file: OnnxFile): ImageInputs {
  const image = file.inputs.find(({ dims }) => dims.length === 4);
  const beside = file.inputs.flatMap(({ name, elementType, dims: { length } }): BesideInput[] =>
    elementType === INT64 && (length === 2 || length === 3) ? [{ name, kind: BESIDE[length] }] : [],
  );
  // A graph that leaves its channels open is one for colour.
  const channels = image?.dims[1] ?? 3;
  const float = image?.elementType === FLOAT32 || image?.elementType === FLOAT16;
  const taken = float && (channels === 3 || channels === 1);
  if (!image || !taken || file.inputs.length !== 1 + beside.length) {
    throw new AppError(
      'MODEL_INVALID',
      `The model must take one image [N, 3, H, W], float32 or float16, and beside it at most its size, int64 [N, 2], and a mask, int64 [N, H, W]: ${describe(file)}.`,
    );
  }
  return { image, channels, beside };
}
