/** What the session worker calls for tensors by name: the feeds before `run`, the outputs after it. */
import { AppError } from '@demeter/common/errors';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { NamedTensor, TensorData, TensorType } from './tensors.ts';

/** Throws MODEL_INVALID for an output whose values cannot be handed out. */
export async function runTensors(
  session: InferenceSession,
  {
    feeds,
    outputs,
  }: { readonly feeds: readonly NamedTensor[]; readonly outputs: readonly string[] },
): Promise<NamedTensor[]> {
  const inputs = Object.fromEntries(feeds.map((feed) => [feed.name, toTensor(feed)]));
  const wanted = outputs.length > 0 ? outputs : session.outputNames;
  const ran = await session.run(inputs, [...wanted]);
  return wanted.map((name) => fromTensor(name, ran[name]));
}

/** As the runtime's binding reads it; float16 as its bits. */
export function toTensor({ type, data, dims }: Omit<NamedTensor, 'name'>): Tensor {
  if (type === 'string') return new Tensor('string', [...(data as readonly string[])], dims);
  const tensor = new Tensor(type as 'float32', data as Float32Array, dims);
  // Where Float16Array exists the constructor makes one, and the runtime's binding reads none.
  if (type === 'float16') Object.defineProperty(tensor, 'cpuData', { value: data });
  return tensor;
}

function fromTensor(name: string, tensor: Tensor | undefined): NamedTensor {
  if (tensor === undefined || tensor.location !== 'cpu') {
    throw new AppError('MODEL_INVALID', `The output ${name} is no tensor.`);
  }
  const { type, dims } = tensor;
  const data = tensor.data as TensorData | Float16Array<ArrayBuffer>;
  const bits =
    data instanceof Float16Array
      ? new Uint16Array(data.buffer, data.byteOffset, data.length)
      : data;
  return { name, type: type as TensorType, dims, data: bits };
}
