/** For tests: small ONNX files made here, as onnx.proto numbers their fields. */
import protobuf from 'protobufjs/minimal.js';

export interface Value {
  readonly name: string;
  /** TensorProto.DataType: 1 float32, 2 uint8, 6 int32, 7 int64, 8 string, 9 bool, 10 float16, 11 float64. */
  readonly elementType: number;
  /** A string names an open dimension. */
  readonly dims: readonly (number | string)[];
}

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface Weights {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
  /** The data are this file's instead, which the caller writes. */
  readonly file?: string;
}

export interface Graph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly weights?: readonly Weights[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The bytes of an ONNX file of operator set 17. */
export function onnxFile(graph: Graph): Uint8Array {
  const model = protobuf.Writer.create().uint32(tag(1, 0)).int64(8);
  message(model, 8, (opset) => opset.uint32(tag(2, 0)).int64(17));
  message(model, 7, (g) => {
    for (const node of graph.nodes) {
      message(g, 1, (n) => {
        for (const name of node.inputs) n.uint32(tag(1, 2)).string(name);
        for (const name of node.outputs) n.uint32(tag(2, 2)).string(name);
        n.uint32(tag(4, 2)).string(node.op);
      });
    }
    g.uint32(tag(2, 2)).string('graph');
    for (const weights of graph.weights ?? []) message(g, 5, (t) => tensor(t, weights));
    for (const value of graph.inputs) message(g, 11, (v) => valueInfo(v, value));
    for (const value of graph.outputs) message(g, 12, (v) => valueInfo(v, value));
  });
  for (const [key, value] of Object.entries(graph.metadata ?? {})) {
    message(model, 14, (entry) =>
      entry.uint32(tag(1, 2)).string(key).uint32(tag(2, 2)).string(value),
    );
  }
  return model.finish();
}

function tag(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

function message(to: protobuf.Writer, field: number, write: (part: protobuf.Writer) => void) {
  const part = to.uint32(tag(field, 2)).fork();
  write(part);
  part.ldelim();
}

/** TensorProto: dims 1, data_type 2, name 8, raw_data 9, external_data 13, data_location 14. */
function tensor(to: protobuf.Writer, { name, dims, data, file }: Weights): void {
  for (const dim of dims) to.uint32(tag(1, 0)).int64(dim);
  to.uint32(tag(2, 0)).int32(data instanceof Float32Array ? 1 : 7);
  to.uint32(tag(8, 2)).string(name);
  if (file === undefined) {
    to.uint32(tag(9, 2)).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return;
  }
  message(to, 13, (e) => e.uint32(tag(1, 2)).string('location').uint32(tag(2, 2)).string(file));
  to.uint32(tag(14, 0)).int32(1);
}

/** ValueInfoProto: name 1, type 2 → tensor_type 1 → elem_type 1, shape 2 → dim 1 → value 1, param 2. */
function valueInfo(to: protobuf.Writer, { name, elementType, dims }: Value): void {
  to.uint32(tag(1, 2)).string(name);
  message(to, 2, (type) =>
    message(type, 1, (tensorType) => {
      tensorType.uint32(tag(1, 0)).int32(elementType);
      message(tensorType, 2, (shape) => {
        for (const dim of dims) {
          message(shape, 1, (d) => {
            if (typeof dim === 'number') d.uint32(tag(1, 0)).int64(dim);
            else d.uint32(tag(2, 2)).string(dim);
          });
        }
      });
    }),
  );
}
