/** What the session worker calls around `run`: the feeds before it, the decoding after it. */
import { AppError } from '@demeter/common/errors';
import { Tensor } from 'onnxruntime-node';
import { pixelsName } from './graph-edit.ts';
import type { Ask, Candidates, Output } from './layouts/layout.ts';
import { findLayout } from './layouts/layouts.ts';
import type { ModelSpec } from './model-spec.ts';
import { FLOAT16 } from './onnx-file.ts';
import { toTensor } from './raw-run.ts';
import type { ImageBuffer } from './session-protocol.ts';

/** Images of one run, as the batcher has filled them. */
export interface Images {
  readonly input: ImageBuffer;
  readonly batch: number;
  readonly width: number;
  readonly height: number;
}

/** Every input of the model: the images, and what families take beside them. */
export function toFeeds(spec: ModelSpec, images: Images): Record<string, Tensor> {
  const { batch, width, height } = images;
  const dims = [batch, spec.input.channels, height, width];
  const { name } = spec.input;
  const feeds: Record<string, Tensor> =
    images.input instanceof Uint8Array
      ? { [pixelsName(name)]: new Tensor('uint8', images.input, toPixelDims(dims)) }
      : { [name]: toImages(spec, images.input, dims) };
  for (const { name, kind } of spec.input.beside) {
    feeds[name] =
      kind === 'size'
        ? int64([batch, 2], (at) => (at % 2 === 0 ? width : height))
        : int64([batch, height, width], () => 1);
  }
  return feeds;
}

function toImages(spec: ModelSpec, input: Float32Array, dims: readonly number[]): Tensor {
  const info = spec.inputs.find(({ name }) => name === spec.input.name);
  if (info?.elementType !== FLOAT16) return new Tensor('float32', input, dims);
  const bits = new Uint16Array(Float16Array.from(input).buffer);
  return toTensor({ type: 'float16', data: bits, dims });
}

/** Pixels stand with their channels together: NHWC. */
function toPixelDims([batch = 1, channels = 3, height = 1, width = 1]: readonly number[]) {
  return [batch, height, width, channels];
}

/** The model answers in pixels of the size it is told: here its input's. */
function int64(dims: readonly number[], valueAt: (index: number) => number): Tensor {
  const length = dims.reduce((product, dim) => product * dim, 1);
  const data = BigInt64Array.from({ length }, (_, index) => BigInt(valueAt(index)));
  return new Tensor('int64', data, dims);
}

/** One answer for each ask, which is the image of the same index. Throws MODEL_INVALID. */
export function decodeOutputs(
  spec: ModelSpec,
  outputs: Readonly<Record<string, Tensor>>,
  { asks, width, height }: { asks: readonly Ask[]; width: number; height: number },
): Candidates[] {
  const layout = findLayout(spec.output.layout);
  // In the order of the file, not of the record.
  const named = spec.outputs.flatMap(({ name }) => {
    const tensor = outputs[name];
    return tensor ? [{ name, dims: tensor.dims, data: toFloat32(name, tensor) }] : [];
  });
  const { classNames, output } = spec;
  return asks.map((ask, index) =>
    layout.decode(named, { ...ask, index, width, height, classNames, output }),
  );
}

/** Buffers to transfer with `candidates`; each belongs to one of them only. */
export function buffersOf(candidates: readonly Candidates[]): ArrayBuffer[] {
  return candidates.flatMap((c) =>
    [
      c.boxes,
      c.scores,
      c.classes,
      c.rotated,
      c.keypoints,
      c.masks?.coefficients,
      c.masks?.prototypes,
      c.classScores,
      c.embedding,
    ].flatMap((array) => (array ? [array.buffer as ArrayBuffer] : [])),
  );
}

function toFloat32(name: Output['name'], { data, type }: Tensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (Array.isArray(data)) {
    throw new AppError('MODEL_INVALID', `The output ${name} is ${type}, which no layout reads.`);
  }
  // Without Float16Array the runtime hands out the bits; Bun has it.
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Float32Array.from(data, Number);
  }
  return Float32Array.from(data);
}
