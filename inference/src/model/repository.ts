import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError, toAppError } from '@demeter/common/errors';
import { readInputs, recognise } from './foreign.ts';
import { findLayout } from './layouts/layouts.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import type { ModelSpec } from './model-spec.ts';
import { type OnnxFile, parseOnnxFile } from './onnx-file.ts';
import type { Preprocessing } from './preprocessing.ts';

/** A model that can be loaded, or why it cannot. */
export type RepositoryEntry =
  | { readonly name: string; readonly version: string; readonly spec: ModelSpec }
  | { readonly name: string; readonly version: string; readonly error: AppError };

/** Files without a manifest have no version of their own. */
const FOREIGN_VERSION = '1';
/** Ultralytics' default, where neither graph nor metadata name one. */
const FOREIGN_SIZE = { width: 640, height: 640 };
const FOREIGN = {
  // Ultralytics' defaults: predict's confidence, and the IoU of its NMS function.
  confidence: 0.25,
  iou: 0.45,
  inside: 1,
  edgeConfidence: 0,
  // Sizes that a COCO detector knows; used only when tiling is asked for.
  tiling: {
    mode: 'off',
    overlap: 0.2,
    objectPx: [32, 320],
    longSidesPx: [640, 1280, 2560],
    check: { upToPx: 0, moreThan: 1 },
  },
} as const;

/**
 * Finds the models in the folders: `<name>/<version>/manifest.json` with its ONNX file, and bare
 * `.onnx` files. A model that is wrong stays in the list with its reason. Of two with one name and
 * version the first stands, the other is refused by name.
 */
export async function readRepository(folders: readonly string[]): Promise<RepositoryEntry[]> {
  const entries: RepositoryEntry[] = [];
  const seen = new Map<string, string>();
  for (const folder of folders) {
    const models = await findModels(folder).catch((cause: unknown) =>
      refused({ name: folder, version: '', path: folder }, 'the folder cannot be read.', cause),
    );
    if (!Array.isArray(models)) {
      entries.push(models);
      continue;
    }
    for (const found of models) {
      const key = `${found.name}/${found.version}`;
      const before = seen.get(key);
      seen.set(key, before ?? found.path);
      entries.push(
        before === undefined
          ? await readEntry(found)
          : refused(found, `${key} is there already, as ${before}.`),
      );
    }
  }
  return entries;
}

interface Found {
  readonly name: string;
  readonly version: string;
  /** The manifest, or the bare ONNX file. */
  readonly path: string;
}

async function findModels(folder: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const entry of await list(folder)) {
    if (!entry.isDirectory() && entry.name.endsWith('.onnx')) {
      const name = basename(entry.name, '.onnx');
      found.push({ name, version: FOREIGN_VERSION, path: join(folder, entry.name) });
    }
    if (!entry.isDirectory()) continue;
    for (const version of await list(join(folder, entry.name))) {
      if (!version.isDirectory()) continue;
      const path = join(folder, entry.name, version.name);
      const files = (await list(path)).map((file) => file.name);
      // A folder with neither holds something else, such as training code.
      if (files.some((file) => file === 'manifest.json' || file.endsWith('.onnx'))) {
        found.push({ name: entry.name, version: version.name, path: join(path, 'manifest.json') });
      }
    }
  }
  return found;
}

async function list(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => a.name.localeCompare(b.name));
}

async function readEntry(found: Found): Promise<RepositoryEntry> {
  const { name, version, path } = found;
  try {
    const spec = path.endsWith('.onnx') ? await readBare(found) : await readManifested(found);
    return { name, version, spec };
  } catch (error) {
    return refused(found, toAppError(error).message, error);
  }
}

function refused(found: Found, reason: string, cause?: unknown): RepositoryEntry {
  const error = new AppError('MODEL_INVALID', `${found.path}: ${reason}`, { cause });
  return { name: found.name, version: found.version, error };
}

async function readBare({ name, version, path }: Found): Promise<ModelSpec> {
  const { file, digest } = await readOnnx(path);
  const { layout, classNames, size = FOREIGN_SIZE, output } = recognise(file);
  const [, , height, width] = readInputs(file).image.dims;
  return {
    name,
    version,
    role: '',
    task: layout.task,
    classNames,
    ...FOREIGN,
    ...tensors(file, { width: width ?? size.width, height: height ?? size.height }, layout),
    output: { layout: layout.name, ...output },
    path,
    digest,
  };
}

async function readManifested(found: Found): Promise<ModelSpec> {
  const manifest = parseManifest(await readText(found.path));
  if (manifest.name !== found.name || manifest.version !== found.version) {
    throw new AppError(
      'MODEL_INVALID',
      `The manifest names ${manifest.name}/${manifest.version}; its folder says ${found.name}/${found.version}.`,
    );
  }
  const path = join(found.path, '..', manifest.file);
  const { file, digest } = await readOnnx(path);
  if (digest.toString('hex') !== manifest.sha256) {
    throw new AppError(
      'MODEL_INVALID',
      `${manifest.file} has the SHA-256 ${digest.toString('hex')}; the manifest says ${manifest.sha256}.`,
    );
  }
  const { thresholds } = manifest;
  const layout = findLayout(manifest.output.layout);
  const [height, width] = manifest.input.size;
  const preprocessing = toPreprocessing(manifest.input, layout.preprocessing);
  return {
    name: manifest.name,
    version: manifest.version,
    role: manifest.role,
    task: layout.task,
    path,
    digest,
    classNames: manifest.classes,
    ...tensors(file, { width, height }, { preprocessing }),
    output: manifest.output,
    confidence: thresholds.confidence,
    iou: thresholds.iou,
    inside: thresholds.inside,
    edgeConfidence: thresholds.edge_confidence,
    tiling: {
      mode: manifest.tiling,
      overlap: manifest.tile_overlap,
      objectPx: manifest.object_px,
      longSidesPx: manifest.scale_levels.toSorted((a, b) => a - b),
      check: { upToPx: manifest.scale_check.up_to, moreThan: manifest.scale_check.more_than },
    },
  };
}

/** What the manifest says, over what the layout was trained with. */
function toPreprocessing(input: Manifest['input'], base: Preprocessing): Preprocessing {
  return {
    fit: input.fit ?? base.fit,
    colour: input.color ?? base.colour,
    range: input.range ?? base.range,
    mean: input.mean ?? base.mean,
    std: input.std ?? base.std,
    pad: input.pad ?? base.pad,
  };
}

/** Inputs and outputs. Throws MODEL_INVALID if the graph's fixed size is another one. */
function tensors(
  file: OnnxFile,
  size: { readonly width: number; readonly height: number },
  { preprocessing }: { readonly preprocessing: Preprocessing },
) {
  const { image, channels, size: sizeInput } = readInputs(file);
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
      width: size.width,
      height: size.height,
      batch,
      open: height === undefined && width === undefined,
      channels,
      pixels: preprocessing,
      sizeInput: sizeInput?.name,
    },
    inputs: file.inputs,
    outputs: file.outputs,
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError('MODEL_INVALID', 'The manifest cannot be read.', { cause: error });
  }
}

async function readOnnx(path: string): Promise<{ file: OnnxFile; digest: Buffer }> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new AppError('MODEL_INVALID', `The file ${basename(path)} cannot be read.`, {
      cause: error,
    });
  }
  const digest = createHash('sha256').update(bytes).digest();
  return { file: parseOnnxFile(bytes), digest };
}
