import { AppError } from '@demeter/common/errors';
import type { LayoutName } from './layouts/layout.ts';
import { FINAL_CHANNELS } from './layouts/yolo-final.ts';
import { FLOAT32, type OnnxFile, type TensorInfo } from './onnx-file.ts';
import { type PythonValue, parsePythonLiteral } from './python-literal.ts';

/** What an ONNX file without a manifest says of itself. */
export interface ForeignModel {
  readonly layout: LayoutName;
  readonly classNames: readonly string[];
  readonly width: number;
  readonly height: number;
}

const LAYOUT_BY_TASK: Readonly<Record<string, LayoutName>> = {
  detect: 'yolo-detect',
  segment: 'yolo-segment',
};

/** Ultralytics' default. */
const INPUT_PX = 640;

/** Reads Ultralytics' `metadata_props`. Throws MODEL_INVALID saying what is missing. */
export function readForeignModel(file: OnnxFile): ForeignModel {
  const task = file.metadata.get('task') ?? 'detect';
  const layout = isFinal(file) ? 'yolo-final' : LAYOUT_BY_TASK[task];
  if (layout === undefined) {
    throw new AppError('MODEL_INVALID', `The file's task is "${task}"; detect and segment work.`);
  }
  const names = file.metadata.get('names');
  if (names === undefined) {
    throw new AppError(
      'MODEL_INVALID',
      'The file has no `names` in its metadata; describe it by a manifest.json.',
    );
  }
  const [, , height, width] = readInput(file).dims;
  const [metaHeight, metaWidth] = imageSize(file.metadata.get('imgsz'));
  return {
    layout,
    classNames: classNames(names),
    height: height ?? metaHeight ?? INPUT_PX,
    width: width ?? metaWidth ?? INPUT_PX,
  };
}

/** Exports with suppression inside (`nms=True`, YOLOv10, YOLO26): few numbers a row, rows few. */
function isFinal({ outputs }: OnnxFile): boolean {
  return (
    outputs.length === 1 && outputs[0]?.dims.length === 3 && outputs[0].dims[2] === FINAL_CHANNELS
  );
}

/** The one image input: float32 [N, 3, H, W]. Throws MODEL_INVALID. */
export function readInput(file: OnnxFile): TensorInfo {
  const input = file.inputs[0];
  const channels = input?.dims[1];
  if (
    file.inputs.length !== 1 ||
    !input ||
    input.elementType !== FLOAT32 ||
    input.dims.length !== 4 ||
    (channels !== undefined && channels !== 3)
  ) {
    const has = file.inputs.map(
      (i) => `${i.name} [${i.dims.map((d) => d ?? '?').join(', ')}] type ${i.elementType}`,
    );
    throw new AppError(
      'MODEL_INVALID',
      `The model must take one float32 image [N, 3, H, W]; it takes ${has.join(' and ') || 'nothing'}.`,
    );
  }
  return input;
}

function classNames(text: string): readonly string[] {
  let value: PythonValue;
  try {
    value = parsePythonLiteral(text);
  } catch (error) {
    throw new AppError('MODEL_INVALID', "The file's `names` cannot be read.", { cause: error });
  }
  const names = value instanceof Map ? namesOfMap(value) : value;
  if (Array.isArray(names) && names.length > 0 && names.every((n) => typeof n === 'string')) {
    return names as string[];
  }
  throw new AppError('MODEL_INVALID', "The file's `names` are no list of class names.");
}

function namesOfMap(map: ReadonlyMap<string | number, PythonValue>): (PythonValue | undefined)[] {
  return Array.from(map, (_, index) => map.get(index));
}

/** `imgsz` is `[height, width]`. */
function imageSize(text: string | undefined): readonly (number | undefined)[] {
  if (text === undefined) return [];
  try {
    const value = parsePythonLiteral(text);
    if (typeof value === 'number') return [value, value];
    if (Array.isArray(value)) return value.filter((v): v is number => typeof v === 'number');
  } catch {
    // The size then comes from the graph or the default; a wrong one fails at warm-up, by name.
  }
  return [];
}
