/** From what a file and its manifest say to what the server works with. */
import { AppError } from '@demeter/common/errors';
import { readInputs, recognise } from './foreign.ts';
import { findsObjects, type Layout } from './layouts/layout.ts';
import { findLayout } from './layouts/layouts.ts';
import type { Manifest } from './manifest.ts';
import type { ModelSpec } from './model-spec.ts';
import type { OnnxFile } from './onnx-file.ts';
import type { Preprocessing } from './preprocessing.ts';

/** All but what the file's place says. */
type Described = Omit<ModelSpec, 'name' | 'version' | 'path' | 'digest' | 'weightFiles'>;

/** Ultralytics' default, where neither graph nor metadata name one. */
const SIZE = { width: 640, height: 640 };
/** Ultralytics' defaults: predict's confidence, and the IoU of its NMS function. */
const CONFIDENCE = 0.25;
const IOU = 0.45;
/** Sizes that a COCO detector knows. */
const OBJECT_PX = [32, 320] as const;

/** A file without a manifest. Throws MODEL_INVALID. */
export function toBareSpec(file: OnnxFile): Described {
  const { layout, classNames, size = SIZE, output } = recognise(file);
  const [, , height, width] = readInputs(file).image.dims;
  return {
    role: '',
    profiles: undefined,
    weight: 1,
    task: layout.task,
    classNames,
    ...tensors(file, {
      width: width ?? size.width,
      height: height ?? size.height,
      pixels: layout.preprocessing,
    }),
    output: { layout: layout.name, ...output },
    confidence: layout.confidence ?? CONFIDENCE,
    iou: IOU,
    inside: 1,
    edgeConfidence: 0,
    // Used only when tiling is asked for.
    tiling: {
      mode: 'off',
      overlap: 0.2,
      objectPx: OBJECT_PX,
      longSidesPx: [640, 1280, 2560],
      check: { upToPx: 0, moreThan: 1 },
    },
  };
}

/** A file with a manifest, which stands above what the file says. Throws MODEL_INVALID. */
export function toSpec(manifest: Manifest, file: OnnxFile): Described {
  const layout = findLayout(manifest.output.layout);
  const { thresholds } = manifest;
  if (findsObjects(layout.task)) requireFields(manifest, ['classes', 'thresholds', 'object_px']);
  if (layout.task === 'classify') requireFields(manifest, ['classes']);
  if (layout.task === 'read-text') requireFields(manifest.output, ['characters'], 'output.');
  const [height, width] = manifest.input.size;
  const pixels = toPreprocessing(manifest.input, layout);
  return {
    role: manifest.role,
    profiles: manifest.profiles,
    weight: manifest.weight,
    task: layout.task,
    classNames: manifest.classes ?? (layout.task === 'find-text' ? ['text'] : []),
    ...tensors(file, { width, height, pixels }),
    output: manifest.output,
    confidence: thresholds?.confidence ?? layout.confidence ?? CONFIDENCE,
    iou: thresholds?.iou ?? IOU,
    inside: thresholds?.inside ?? 1,
    edgeConfidence: thresholds?.edge_confidence ?? 0,
    tiling: {
      mode: findsObjects(layout.task) ? manifest.tiling : 'off',
      overlap: manifest.tile_overlap,
      objectPx: manifest.object_px ?? OBJECT_PX,
      longSidesPx: manifest.scale_levels.toSorted((a, b) => a - b),
      check: { upToPx: manifest.scale_check.up_to, moreThan: manifest.scale_check.more_than },
    },
  };
}

function requireFields<T extends object>(from: T, fields: readonly (keyof T & string)[], at = '') {
  const missing = fields.filter((field) => from[field] === undefined);
  if (missing.length === 0) return;
  const names = missing.map((field) => at + field).join(', ');
  throw new AppError('MODEL_INVALID', `manifest.json lacks what this layout needs: ${names}.`);
}

/** What the manifest says, over what the family was trained with. */
function toPreprocessing(input: Manifest['input'], { preprocessing }: Layout): Preprocessing {
  return {
    fit: input.fit ?? preprocessing.fit,
    colour: input.color ?? preprocessing.colour,
    range: input.range ?? preprocessing.range,
    mean: input.mean ?? preprocessing.mean,
    std: input.std ?? preprocessing.std,
    pad: input.pad ?? preprocessing.pad,
  };
}

/** Inputs and outputs. Throws MODEL_INVALID if the graph's fixed size is another one. */
function tensors(
  file: OnnxFile,
  size: { readonly width: number; readonly height: number; readonly pixels: Preprocessing },
): Pick<ModelSpec, 'input' | 'inputs' | 'outputs'> {
  const { image, channels, beside } = readInputs(file);
  const [batch, , height, width] = image.dims;
  if ((height ?? size.height) !== size.height || (width ?? size.width) !== size.width) {
    throw new AppError(
      'MODEL_INVALID',
      `The model takes ${width} × ${height} pixels; its description says ${size.width} × ${size.height}.`,
    );
  }
  return {
    input: {
      name: image.name,
      ...size,
      batch,
      open: height === undefined && width === undefined,
      openWidth: width === undefined,
      channels,
      beside,
    },
    inputs: file.inputs,
    outputs: file.outputs,
  };
}
