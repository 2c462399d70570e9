/** Tensors by name, as they travel to a session and back. */
import { AppError } from '@demeter/common/errors';
import { type TensorInfo, typeName } from './onnx-file.ts';

/** Array of each element type; float16 as its bits, bool as bytes 0 and 1. */
const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

export type TensorType = keyof typeof ARRAYS | 'string';
export type TensorData = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]> | readonly string[];

/** Row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** Undefined: a type that no client can send, such as bfloat16. */
export function tensorTypeOf({ elementType }: TensorInfo): TensorType | undefined {
  const name = typeName(elementType);
  return name === 'string' || Object.hasOwn(ARRAYS, name) ? (name as TensorType) : undefined;
}

/** Throws INVALID_INPUT naming the tensor, unless exactly the inputs are there, as the model has them. */
export function checkFeeds(inputs: readonly TensorInfo[], feeds: readonly NamedTensor[]): void {
  const names = inputs.map(({ name }) => name);
  const given = new Map<string, NamedTensor>();
  for (const feed of feeds) {
    if (!names.includes(feed.name)) throw wrong(feed.name, `is no input; ${names.join(', ')} are`);
    if (given.has(feed.name)) throw wrong(feed.name, 'is there twice');
    given.set(feed.name, feed);
  }
  for (const input of inputs) {
    const feed = given.get(input.name);
    if (feed === undefined) throw wrong(input.name, 'is missing');
    checkTensor(input, feed);
  }
}

function checkTensor(input: TensorInfo, { name, type, dims, data }: NamedTensor): void {
  const expected = tensorTypeOf(input);
  if (type !== expected) {
    throw wrong(name, `is ${expected ?? 'of a type that cannot be sent'}, not ${type}`);
  }
  const fits =
    dims.length === input.dims.length &&
    dims.every((dim, axis) => Number.isSafeInteger(dim) && dim === (input.dims[axis] ?? dim));
  if (!fits || dims.some((dim) => dim < 0)) {
    const shape = input.dims.map((dim) => dim ?? '?').join(', ');
    throw wrong(name, `has the shape [${shape}], not [${dims.join(', ')}]`);
  }
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (data.length !== count) {
    throw wrong(name, `needs ${count} values for [${dims.join(', ')}]; there are ${data.length}`);
  }
  const isRightArray = type === 'string' ? Array.isArray(data) : data instanceof ARRAYS[type];
  if (!isRightArray) throw wrong(name, `carries no ${type} values`);
}

/** Throws INVALID_INPUT for an output that the model does not have. */
export function checkOutputs(outputs: readonly TensorInfo[], names: readonly string[]): void {
  const known = outputs.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw wrong(unknown, `is no output; ${known.join(', ')} are`);
}

/** The buffers of `tensors` that may be moved to another thread: those that hold nothing else. */
export function movable(tensors: readonly NamedTensor[]): ArrayBuffer[] {
  const buffers = tensors.flatMap(({ data }) =>
    ArrayBuffer.isView(data) &&
    data.buffer instanceof ArrayBuffer &&
    data.byteLength === data.buffer.byteLength
      ? [data.buffer]
      : [],
  );
  return [...new Set(buffers)];
}

function wrong(field: string, what: string): AppError {
  return new AppError('INVALID_INPUT', `The tensor ${field} ${what}.`, { field });
}
