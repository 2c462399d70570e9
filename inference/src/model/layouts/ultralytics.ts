import { AppError } from '@demeter/common/errors';
import type { OnnxFile } from '../onnx-file.ts';
import { type PythonValue, parsePythonLiteral } from '../python-literal.ts';
import type { Recognised } from './layout.ts';

/** What Ultralytics' exporter writes into `metadata_props`, as Python's `str()` prints it. */
export interface Ultralytics extends Recognised {
  /** "detect" where the file does not say. */
  readonly task: string;
}

/**
 * Undefined where the file has no `names`: it is not Ultralytics'. Throws MODEL_INVALID.
 * Source: ultralytics/engine/exporter.py.
 */
export function readUltralytics({ metadata }: OnnxFile): Ultralytics | undefined {
  const names = metadata.get('names');
  if (names === undefined) return undefined;
  const [height, width] = numbers(metadata.get('imgsz'));
  const [count, values] = numbers(metadata.get('kpt_shape'));
  return {
    task: metadata.get('task') ?? 'detect',
    classNames: classNames(names),
    size: height && width ? { width, height } : undefined,
    output: count && values ? { keypoints: [count, values] } : {},
  };
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

/** `[height, width]` or one number for both. What cannot be read fails at warm-up, by name. */
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

/** The rest of a shape check: a dimension that the file leaves open may be anything. */
export function fits(dims: OnnxFile['outputs'][number]['dims'], expected: readonly unknown[]) {
  return (
    dims.length === expected.length &&
    dims.every((dim, i) => dim === undefined || expected[i] === undefined || dim === expected[i])
  );
}
