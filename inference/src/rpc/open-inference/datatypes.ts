import { AppError } from '@demeter/common/errors';
import type { DataType, InferTensorContents__Output } from '@demeter/proto';
import type { TensorType } from '../../model/tensors.ts';

type NumericArray =
  | Float32ArrayConstructor
  | Float64ArrayConstructor
  | Int8ArrayConstructor
  | Int16ArrayConstructor
  | Int32ArrayConstructor
  | BigInt64ArrayConstructor
  | Uint8ArrayConstructor
  | Uint16ArrayConstructor
  | Uint32ArrayConstructor
  | BigUint64ArrayConstructor;

/** An element type in the protocol's words. */
export interface Datatype {
  /** `datatype` of the protocol. */
  readonly name: string;
  readonly type: TensorType;
  /** Its name in a model's configuration. */
  readonly configName: DataType;
  /** The list of typed contents that carries it; undefined: raw only. */
  readonly contents: keyof InferTensorContents__Output | undefined;
  /** Undefined for BYTES, whose elements differ in length. */
  readonly array: NumericArray | undefined;
}

type Row = [
  name: string,
  configName: DataType,
  type: TensorType,
  contents: Datatype['contents'],
  array?: NumericArray,
];

const ROWS: readonly Row[] = [
  ['BOOL', 'TYPE_BOOL', 'bool', 'bool_contents', Uint8Array],
  ['UINT8', 'TYPE_UINT8', 'uint8', 'uint_contents', Uint8Array],
  ['UINT16', 'TYPE_UINT16', 'uint16', 'uint_contents', Uint16Array],
  ['UINT32', 'TYPE_UINT32', 'uint32', 'uint_contents', Uint32Array],
  ['UINT64', 'TYPE_UINT64', 'uint64', 'uint64_contents', BigUint64Array],
  ['INT8', 'TYPE_INT8', 'int8', 'int_contents', Int8Array],
  ['INT16', 'TYPE_INT16', 'int16', 'int_contents', Int16Array],
  ['INT32', 'TYPE_INT32', 'int32', 'int_contents', Int32Array],
  ['INT64', 'TYPE_INT64', 'int64', 'int64_contents', BigInt64Array],
  ['FP16', 'TYPE_FP16', 'float16', undefined, Uint16Array],
  ['FP32', 'TYPE_FP32', 'float32', 'fp32_contents', Float32Array],
  ['FP64', 'TYPE_FP64', 'float64', 'fp64_contents', Float64Array],
  ['BYTES', 'TYPE_STRING', 'string', 'bytes_contents'],
];

const DATATYPES: readonly Datatype[] = ROWS.map(([name, configName, type, contents, array]) => ({
  name,
  configName,
  type,
  contents,
  array,
}));

/** Throws INVALID_INPUT for a name that is none of the protocol's, or that no session here takes. */
export function parseDatatype(name: string, field: string): Datatype {
  const found = DATATYPES.find((datatype) => datatype.name === name);
  if (found) return found;
  const known = DATATYPES.map((datatype) => datatype.name).join(', ');
  throw new AppError('INVALID_INPUT', `The tensor ${field} has the datatype '${name}'.`, {
    field,
    hint: `Send one of ${known}.`,
  });
}

export function datatypeOf(type: TensorType): Datatype {
  return DATATYPES.find((datatype) => datatype.type === type)!;
}
