import type { OutputSpec, Task } from './layouts/layout.ts';
import type { TensorInfo } from './onnx-file.ts';
import type { Preprocessing } from './preprocessing.ts';

/** How a photo is cut for this model unless the request says otherwise. */
export interface TilingSpec {
  /** `auto`: coarse to fine, in tiles; `off`: the whole photo, once. */
  readonly mode: 'auto' | 'off';
  /** Share of a tile that the next one repeats, 0..0.5. */
  readonly overlap: number;
  /** Sizes of objects, sqrt(w·h) in pixels of the model's input, that the model was trained for. */
  readonly objectPx: readonly [number, number];
  /** Long sides of the photo to try, ascending; the native size comes after them. */
  readonly longSidesPx: readonly number[];
  /**
   * A scale up to `upToPx` that would count gives way to the next one if that would count too and
   * finds more than `moreThan` times as many: seedlings in one pot look like one plant from afar.
   */
  readonly check: { readonly upToPx: number; readonly moreThan: number };
}

/**
 * An int64 input beside the image: `size` [N, 2] takes width and height in whose pixels the model
 * answers, `mask` [N, H, W] takes 1 where there is photo.
 */
export interface BesideInput {
  readonly name: string;
  readonly kind: 'size' | 'mask';
}

/** One version of a model as its manifest, or its own metadata, describes it. */
export interface ModelSpec {
  readonly name: string;
  readonly version: string;
  /** What it is for, e.g. "plants"; empty for a file without a manifest. */
  readonly role: string;
  /** Values of APP_ENV under which it is served; undefined: all. */
  readonly profiles: readonly string[] | undefined;
  /** How much its boxes count where several models have one role. */
  readonly weight: number;
  readonly task: Task;
  readonly path: string;
  /**
   * SHA-256 of the ONNX file, 32 bytes; with weights in other files that of the lines which
   * `sha256sum` prints for it and for them, by name.
   */
  readonly digest: Buffer;
  /** Paths of the other files. */
  readonly weightFiles: readonly string[];
  readonly classNames: readonly string[];
  /** NCHW float32. `batch` is undefined where the file leaves it open. */
  readonly input: {
    readonly name: string;
    readonly width: number;
    readonly height: number;
    readonly batch: number | undefined;
    /** Height and width are open: a smaller tile need not be padded to the full size. */
    readonly open: boolean;
    readonly channels: number;
    /** How the photo's bytes become its numbers. */
    readonly pixels: Preprocessing;
    readonly openWidth: boolean;
    /** int64 inputs beside the image. */
    readonly beside: readonly BesideInput[];
  };
  /** All inputs and outputs of the graph, in its order. */
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly output: OutputSpec;
  readonly confidence: number;
  readonly iou: number;
  /** A box goes when more than this share of it lies in a better one of its class; 1: never. */
  readonly inside: number;
  /** Least score of an object that the photo's edge cuts; 0: as anywhere. */
  readonly edgeConfidence: number;
  readonly tiling: TilingSpec;
}

/** `name/version`: how a model is called in logs and health checks. */
export function modelKey(model: Pick<ModelSpec, 'name' | 'version'>): string {
  return model.version === '' ? model.name : `${model.name}/${model.version}`;
}
