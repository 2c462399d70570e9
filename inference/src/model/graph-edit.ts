/** Puts nodes in front of a model, on a copy in memory: the file, and its SHA-256, stay what they are. */
import { AppError } from '@demeter/common/errors';
import protobuf from 'protobufjs/minimal.js';
import { FLOAT16, FLOAT32, type TensorInfo } from './onnx-file.ts';
import type { Preprocessing } from './preprocessing.ts';

/** TensorProto.DataType */
const UINT8 = 2;
const INT64 = 7;
/** From here on Mul and Add stretch a channel's number over its plane (ONNX operator versions). */
const OPSET_MIN = 7;
/** AttributeProto.AttributeType */
const INT = 2;
const INTS = 7;

/** One operator; it takes what the one before made, and its constant. */
interface Step {
  readonly op: 'Cast' | 'Transpose' | 'Gather' | 'Mul' | 'Add';
  readonly attribute?: readonly [name: string, value: number | readonly number[]];
  readonly constant?: {
    readonly dims: readonly number[];
    readonly data: Float32Array | BigInt64Array;
  };
}

/** Whether `takePixels` can make the numbers that `toChannels` makes. */
export function canTakePixels(
  { elementType, dims }: TensorInfo,
  { colour, pad }: Preprocessing,
): boolean {
  return (
    (elementType === FLOAT32 || elementType === FLOAT16) &&
    dims.length === 4 &&
    dims[1] === 3 &&
    colour !== 'GREY' &&
    // Beside the photo there are bytes too.
    Number.isInteger(pad)
  );
}

/** The input that takes the place of `name`. */
export function pixelsName(name: string): string {
  return `demeter/${name}`;
}

/**
 * A copy of the model that takes the photo's own bytes, NHWC uint8 in RGB, under `pixelsName`, and
 * makes the numbers of `input` from them as `pixels` says: a quarter of the bytes is moved to it.
 * Throws MODEL_INVALID for a file whose operators are too old.
 */
export function takePixels(
  model: Uint8Array,
  input: TensorInfo,
  pixels: Preprocessing,
): Uint8Array {
  const steps = pixelSteps(pixels, input.elementType);
  // Field numbers: onnx.proto (ModelProto.graph 7, .opset_import 8).
  return rewrite(model, (field, content, to) => {
    if (field === 8) checkOpset(content);
    if (field !== 7) return false;
    to.uint32(tag(7)).bytes(editGraph(content, input, steps));
    return true;
  });
}

/** v → v · scale + offset is the formula of `Preprocessing`. */
function pixelSteps({ range, mean, std, colour }: Preprocessing, elementType: number): Step[] {
  const perChannel = (value: (centre: number, spread: number) => number) =>
    Float32Array.from([0, 1, 2], (c) => value(mean[c] ?? mean[0] ?? 0, std[c] ?? std[0] ?? 1));
  const scale = perChannel((_, spread) => (range[1] - range[0]) / 255 / spread);
  const offset = perChannel((centre, spread) => (range[0] - centre) / spread);
  const steps: Step[] = [
    { op: 'Cast', attribute: ['to', FLOAT32] },
    { op: 'Transpose', attribute: ['perm', [0, 3, 1, 2]] },
  ];
  if (colour === 'BGR') {
    const data = BigInt64Array.of(2n, 1n, 0n);
    steps.push({ op: 'Gather', attribute: ['axis', 1], constant: { dims: [3], data } });
  }
  const dims = [1, 3, 1, 1];
  if (scale.some((each) => each !== 1)) steps.push({ op: 'Mul', constant: { dims, data: scale } });
  if (offset.some((each) => each !== 0))
    steps.push({ op: 'Add', constant: { dims, data: offset } });
  if (elementType !== FLOAT32) steps.push({ op: 'Cast', attribute: ['to', elementType] });
  return steps;
}

/** GraphProto: node 1, initializer 5, input 11. New nodes come first, as their order asks. */
function editGraph(graph: Uint8Array, input: TensorInfo, steps: readonly Step[]): Uint8Array {
  const front = protobuf.Writer.create();
  let from = pixelsName(input.name);
  for (const [index, { op, attribute, constant }] of steps.entries()) {
    const name = `${pixelsName(input.name)}/${index}`;
    const to = index + 1 === steps.length ? input.name : name;
    message(front, 1, (node) => {
      node.uint32(tag(1)).string(from);
      if (constant) node.uint32(tag(1)).string(`${name}/constant`);
      node.uint32(tag(2)).string(to).uint32(tag(3)).string(name).uint32(tag(4)).string(op);
      if (attribute) message(node, 5, (part) => writeAttribute(part, attribute));
    });
    if (constant) message(front, 5, (part) => writeTensor(part, `${name}/constant`, constant));
    from = to;
  }
  return rewrite(
    graph,
    (field, content, to) => {
      if (field !== 11 || readName(content) !== input.name) return false;
      message(to, 11, (part) => writeInput(part, input));
      return true;
    },
    front,
  );
}

/** AttributeProto: name 1, i 3, ints 8, type 20. */
function writeAttribute(to: protobuf.Writer, [name, value]: NonNullable<Step['attribute']>): void {
  to.uint32(tag(1)).string(name);
  if (typeof value === 'number') to.uint32(tag(3, 0)).int64(value).uint32(tag(20, 0)).int32(INT);
  else {
    for (const each of value) to.uint32(tag(8, 0)).int64(each);
    to.uint32(tag(20, 0)).int32(INTS);
  }
}

/** TensorProto: dims 1, data_type 2, name 8, raw_data 9. */
function writeTensor(
  to: protobuf.Writer,
  name: string,
  { dims, data }: NonNullable<Step['constant']>,
): void {
  for (const dim of dims) to.uint32(tag(1, 0)).int64(dim);
  to.uint32(tag(2, 0)).int32(data instanceof Float32Array ? FLOAT32 : INT64);
  to.uint32(tag(8)).string(name).uint32(tag(9)).bytes(new Uint8Array(data.buffer));
}

/** ValueInfoProto: name 1, type 2 → tensor_type 1 → elem_type 1, shape 2 → dim 1 → value 1, param 2. */
function writeInput(to: protobuf.Writer, { name, dims }: TensorInfo): void {
  to.uint32(tag(1)).string(pixelsName(name));
  const [batch, , height, width] = dims;
  const shape = Object.entries({ batch, height, width, channels: 3 });
  message(to, 2, (type) =>
    message(type, 1, (tensor) => {
      tensor.uint32(tag(1, 0)).int32(UINT8);
      message(tensor, 2, (part) => {
        for (const [label, dim] of shape) {
          message(part, 1, (one) => {
            if (dim === undefined) one.uint32(tag(2)).string(pixelsName(label));
            else one.uint32(tag(1, 0)).int64(dim);
          });
        }
      });
    }),
  );
}

/** OperatorSetIdProto: domain 1, version 2; ONNX's own has no domain. */
function checkOpset(content: Uint8Array): void {
  const reader = protobuf.Reader.create(content);
  let domain = '';
  let version = OPSET_MIN;
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    if (key === tag(1)) domain = reader.string();
    else if (key === tag(2, 0)) version = Number(reader.int64().toString());
    else reader.skipType(key & 7);
  }
  if ((domain === '' || domain === 'ai.onnx') && version < OPSET_MIN) {
    throw new AppError('MODEL_INVALID', `The file's operators are of version ${version}.`);
  }
}

/** ValueInfoProto.name. */
function readName(content: Uint8Array): string {
  const reader = protobuf.Reader.create(content);
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    if (key === tag(1)) return reader.string();
    reader.skipType(key & 7);
  }
  return '';
}

/** Copies a message behind `to`; fields that `edit` has written itself (it says so) are left out. */
function rewrite(
  bytes: Uint8Array,
  edit: (field: number, content: Uint8Array, to: protobuf.Writer) => boolean,
  to = protobuf.Writer.create(),
): Uint8Array {
  const reader = protobuf.Reader.create(bytes);
  const parts: Uint8Array[] = [to.finish()];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const key = reader.uint32();
    const contentAt = reader.pos;
    reader.skipType(key & 7);
    const written = protobuf.Writer.create();
    if ((key & 7) === 2) {
      const prefix = protobuf.Reader.create(bytes.subarray(contentAt));
      const length = prefix.uint32();
      const content = bytes.subarray(contentAt + prefix.pos, contentAt + prefix.pos + length);
      if (edit(key >>> 3, content, written)) {
        parts.push(written.finish());
        continue;
      }
    }
    parts.push(bytes.subarray(start, reader.pos));
  }
  return Buffer.concat(parts);
}

function message(to: protobuf.Writer, field: number, write: (part: protobuf.Writer) => void): void {
  const part = to.uint32(tag(field)).fork();
  write(part);
  part.ldelim();
}

function tag(field: number, wireType = 2): number {
  return (field << 3) | wireType;
}
