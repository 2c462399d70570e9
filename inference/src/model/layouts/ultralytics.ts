import { AppError } from '@demeter/common/errors';
import type { OnnxFile } from '../onnx-file.ts';
import { type PythonValue, parsePythonLiteral } from '../python-literal.ts';
import type { Recognised } from './layout.ts';

/**
 * What Ultralytics' exporter writes into `metadata_props`, as Python's `str()` prints it, if the file
 * is for `task` ("detect" where it does not say). Undefined if it is not, or has no `names`.
 * Throws MODEL_INVALID. Source: ultralytics/engine/exporter.py.
 */
export function readUltralytics({ metadata }: OnnxFile, task: string): Recognised | undefined {
  const names = metadata.get('names');
  if (names === undefined || (metadata.get('task') ?? 'detect') !== task) return undefined;
  const [height, width] = numbers(metadata.get('imgsz'));
  const [count, values] = numbers(metadata.get('kpt_shape'));
  return {
    classNames: classNames(names),
    size: height && width ? { width, height } : undefined,
    output: count && values ? { keypoints: [count, values] } : {},
  };
}

/**
 * Whether an export suppresses by itself (`nms=True`, YOLOv10, YOLO26): rows of box, score, class and
 * `extra` numbers, [N, rows, 6 + extra], instead of [N, 4 + classes + extra, anchors].
 */
export function isFinal({ outputs }: OnnxFile, classCount: number, extra: number): boolean {
  const rows = outputs.find(({ dims }) => dims.length === 3)?.dims;
  return rows?.[2] === 6 + extra && rows[1] !== 4 + classCount + extra;
}

function classNames(text: string): readonly string[] {
  let value: PythonValue;
  try {
    value = parsePythonLiteral(text);
  } catch (error) {
    throw new AppError('MODEL_INVALID', "The file's `names` cannot be read.", { cause: error });
  }
  const names = value instanceof Map ? Array.from(value, (_, at) => value.get(at)) : value;
  if (Array.isArray(names) && names.length > 0 && names.every((n) => typeof n === 'string')) {
    return names as string[];
  }
  throw new AppError('MODEL_INVALID', "The file's `names` are no list of class names.");
}

/** `[height, width]`, or one number for both. What cannot be read fails at warm-up, by name. */
function numbers(text: string | undefined): readonly number[] {
  if (text === undefined) return [];
  try {
    const value = parsePythonLiteral(text);
    if (typeof value === 'number') return [value, value];
    if (Array.isArray(value)) return value.filter((v): v is number => typeof v === 'number');
  } catch {
    return [];
  }
  return [];
}
