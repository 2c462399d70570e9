/** Tensors as messages carry them, typed or raw, and as sessions take them. */
import { AppError } from '@demeter/common/errors';
import type { InferTensorContents, InferTensorContents__Output } from '@demeter/proto';
import type { NamedTensor, TensorData } from '../../model/tensors.ts';
import { type Datatype, datatypeOf } from './datatypes.ts';

interface TensorHead {
  readonly name: string;
  readonly datatype: Datatype;
  readonly dims: readonly number[];
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const LENGTH_BYTES = 4;

/** Row-major, little-endian, no padding; BYTES elements after their length. Throws INVALID_INPUT. */
export function readRaw({ name, datatype, dims }: TensorHead, raw: Uint8Array): NamedTensor {
  const { type, array } = datatype;
  if (array === undefined) return { name, type, dims, data: readStrings(name, raw) };
  const expected = dims.reduce((product, dim) => product * dim, array.BYTES_PER_ELEMENT);
  if (raw.length !== expected) {
    throw invalid(name, `needs ${expected} bytes; there are ${raw.length}`);
  }
  // A copy of its own: aligned, and free to be moved to the session's thread.
  return { name, type, dims, data: new array(Uint8Array.from(raw).buffer) };
}

/** Throws INVALID_INPUT where another list than the datatype's is filled, or a value does not fit. */
export function readTyped(
  { name, datatype, dims }: TensorHead,
  contents: InferTensorContents__Output | null,
): NamedTensor {
  const { type, array } = datatype;
  if (datatype.contents === undefined) {
    throw invalid(name, `is ${datatype.name}, which travels in raw_input_contents only`);
  }
  for (const [list, values] of Object.entries(contents ?? {})) {
    if (list !== datatype.contents && values.length > 0) {
      throw invalid(name, `is ${datatype.name} and needs ${datatype.contents}, not ${list}`);
    }
  }
  const values = contents?.[datatype.contents] ?? [];
  if (array === undefined) {
    return { name, type, dims, data: (values as Buffer[]).map((value) => toText(name, value)) };
  }
  if (array === BigInt64Array || array === BigUint64Array) {
    const from = array.from.bind(array) as (texts: string[], map: typeof BigInt) => TensorData;
    return { name, type, dims, data: from(values as string[], BigInt) };
  }
  const numbers = values as readonly number[];
  const data = (array as Int8ArrayConstructor).from(numbers);
  const isInteger = type.includes('int');
  const misfit = isInteger ? numbers.findIndex((value, index) => value !== data[index]) : -1;
  if (misfit >= 0) throw invalid(name, `has the value ${numbers[misfit]}, which is no ${type}`);
  return { name, type, dims, data };
}

/** Elements as `raw_output_contents` carries them; a view where nothing has to be copied. */
export function toRaw({ data }: NamedTensor): Buffer {
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const elements = data.map((text) => Buffer.from(text));
  const whole = Buffer.alloc(elements.reduce((sum, e) => sum + LENGTH_BYTES + e.length, 0));
  let at = 0;
  for (const element of elements) {
    at = whole.writeUInt32LE(element.length, at);
    at += element.copy(whole, at);
  }
  return whole;
}

/** Undefined for a datatype that travels raw only. */
export function toTyped({ type, data }: NamedTensor): InferTensorContents | undefined {
  const { contents } = datatypeOf(type);
  if (contents === undefined) return undefined;
  return { [contents]: Array.from(data as Iterable<unknown>, toValue(type)) };
}

function toValue(type: NamedTensor['type']): (value: unknown) => unknown {
  if (type === 'bool') return (value) => value !== 0;
  if (type === 'string') return (value) => Buffer.from(value as string);
  return type.endsWith('64') && type !== 'float64' ? String : (value) => value;
}

function readStrings(name: string, raw: Uint8Array): TensorData {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at + LENGTH_BYTES;
    const end = start + (start <= bytes.length ? bytes.readUInt32LE(at) : 0);
    if (start > bytes.length || end > bytes.length) throw invalid(name, 'ends inside an element');
    texts.push(toText(name, bytes.subarray(start, end)));
    at = end;
  }
  return texts;
}

function toText(name: string, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalid(name, 'has an element that is no UTF-8');
  }
}

function invalid(field: string, what: string): AppError {
  return new AppError('INVALID_INPUT', `The tensor ${field} ${what}.`, { field });
}
