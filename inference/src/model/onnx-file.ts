import { AppError } from '@demeter/common/errors';
import protobuf from 'protobufjs/minimal.js';

/** A dimension that the file leaves open ("batch", "height") is undefined. */
export type Dims = readonly (number | undefined)[];

export interface TensorInfo {
  readonly name: string;
  /** TensorProto.DataType: 1 is float32. */
  readonly elementType: number;
  readonly dims: Dims;
}

export interface OnnxFile {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** `metadata_props`, as the exporter wrote them. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Files with weights that the graph does not hold itself, relative to it; by name. */
  readonly weightFiles: readonly string[];
}

/** TensorProto.DataType.FLOAT */
export const FLOAT32 = 1;
/** TensorProto.DataType.FLOAT16 */
export const FLOAT16 = 10;

/** TensorProto.DataType, by number. */
const TYPE_NAMES = [
  ...['undefined', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string'],
  ...['bool', 'float16', 'float64', 'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16'],
];

export function typeName(elementType: number): string {
  return TYPE_NAMES[elementType] ?? `type ${elementType}`;
}

type Field = (reader: protobuf.Reader, wireType: number) => void;

/**
 * Reads what an ONNX file says of itself: ONNX Runtime's JavaScript API shows no metadata.
 * Field numbers: onnx.proto (ModelProto.graph 7, .metadata_props 14; GraphProto.node 1,
 * .initializer 5, .input 11, .output 12; NodeProto.attribute 5). Throws MODEL_INVALID if the bytes are no whole ONNX file.
 */
export function parseOnnxFile(bytes: Uint8Array): OnnxFile {
  const inputs: TensorInfo[] = [];
  const outputs: TensorInfo[] = [];
  const initializers = new Set<string>();
  const metadata = new Map<string, string>();
  const weightFiles = new Set<string>();
  const elsewhere = tensorElsewhere(weightFiles);
  const graph = {
    1: within({ 5: attribute(elsewhere) }),
    5: within({ ...elsewhere, 8: (r: protobuf.Reader) => initializers.add(r.string()) }),
    11: (r: protobuf.Reader) => inputs.push(readValueInfo(r)),
    12: (r: protobuf.Reader) => outputs.push(readValueInfo(r)),
  };
  try {
    readMessage(protobuf.Reader.create(bytes), bytes.length, {
      7: within(graph),
      14: entry((key, value) => metadata.set(key, value)),
    });
  } catch (error) {
    throw new AppError('MODEL_INVALID', 'The file is no ONNX model, or it is cut short.', {
      cause: error,
    });
  }
  if (outputs.length === 0) {
    throw new AppError('MODEL_INVALID', 'The file is no ONNX model: it has no graph with outputs.');
  }
  // Old exporters list weights among the inputs too.
  return {
    inputs: inputs.filter((i) => !initializers.has(i.name)),
    outputs,
    metadata,
    weightFiles: [...weightFiles].sort(),
  };
}

type Fields = Record<number, Field>;

/** TensorProto.external_data 13: only tensors outside the file have entries; theirs name the file. */
function tensorElsewhere(files: Set<string>): Fields {
  return {
    13: entry((key, value) => {
      if (key === 'location') files.add(value);
    }),
  };
}

/** AttributeProto: t 5, g 6, tensors 10, graphs 11. A graph's own nodes and initializers count too. */
function attribute(tensor: Fields): Field {
  const graph: Fields = { 5: within(tensor) };
  const fields = within({
    5: within(tensor),
    6: within(graph),
    10: within(tensor),
    11: within(graph),
  });
  graph[1] = within({ 5: fields });
  return fields;
}

/** StringStringEntryProto: key 1, value 2. */
function entry(take: (key: string, value: string) => void): Field {
  return (reader, wire) => {
    const found = { key: '', value: '' };
    within({
      1: (r) => {
        found.key = r.string();
      },
      2: (r) => {
        found.value = r.string();
      },
    })(reader, wire);
    take(found.key, found.value);
  };
}

function readMessage(reader: protobuf.Reader, end: number, fields: Fields): void {
  if (end > reader.len) throw new RangeError('message ends beyond the file');
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = fields[tag >>> 3];
    if (field) field(reader, tag & 7);
    else reader.skipType(tag & 7);
  }
  if (reader.pos !== end) throw new RangeError('field ends beyond its message');
}

/** A field that is itself a message. */
function within(fields: Fields): Field {
  return (reader) => {
    const length = reader.uint32();
    readMessage(reader, reader.pos + length, fields);
  };
}

/** ValueInfoProto: name 1, type 2 → tensor_type 1 → elem_type 1, shape 2 → dim 1 → dim_value 1. */
function readValueInfo(reader: protobuf.Reader): TensorInfo {
  let name = '';
  let elementType = 0;
  const dims: (number | undefined)[] = [];
  const dim: Field = (r, wire) => {
    const at = dims.push(undefined) - 1;
    within({
      1: (d) => {
        const value = Number(d.int64().toString());
        dims[at] = value > 0 ? value : undefined;
      },
    })(r, wire);
  };
  const tensorType = within({
    1: (r) => {
      elementType = r.int32();
    },
    2: within({ 1: dim }),
  });
  within({
    1: (r) => {
      name = r.string();
    },
    2: within({ 1: tensorType }),
  })(reader, 2);
  return { name, elementType, dims };
}
