import type { OnnxFile } from '../onnx-file.ts';
import type { Preprocessing } from '../preprocessing.ts';

/** Tasks whose families find objects, photo or tile. */
export const OBJECT_TASKS = ['detect', 'segment', 'pose', 'obb'] as const;

/** What a family of models says of a photo. The others see it whole. */
export type Task = (typeof OBJECT_TASKS)[number] | 'classify' | 'embed' | 'find-text' | 'read-text';

export function findsObjects(task: Task): boolean {
  return OBJECT_TASKS.some((each) => each === task);
}

/**
 * What one image (a tile, or the whole photo) gave. Objects stand side by side, unsorted; lengths
 * are in pixels of the model's input. What a family does not have is absent.
 */
export interface Candidates {
  /** x1, y1, x2, y2 per object. */
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly classes: Uint32Array;
  /** The model itself can answer no more than this many: there may be more objects. */
  readonly capped: boolean;
  /** Centre x, centre y, width, height, angle in radians per object; `boxes` are the upright hulls. */
  readonly rotated?: Float32Array;
  /** x, y and visibility 0–1 of each keypoint of each object. */
  readonly keypoints?: Float32Array;
  /** Where masks were asked for. */
  readonly masks?: MaskSource;
  /** Probability of each class for the image as a whole. */
  readonly classScores?: Float32Array;
  readonly embedding?: Float32Array;
  readonly text?: { readonly text: string; readonly confidence: number };
}

/** An object is where its coefficients, weighing the prototypes, sum to more than 0. */
export interface MaskSource {
  /** `count` numbers per object. */
  readonly coefficients: Float32Array;
  /** `count` planes of `height` rows, covering the model's whole input. */
  readonly prototypes: Float32Array;
  readonly count: number;
  readonly width: number;
  readonly height: number;
}

/** One output of a run, by its name in the graph; numbers of any type as float32. */
export interface Output {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** What is wanted of one image of a run. */
export interface Ask {
  /** Least score of an object. */
  readonly confidence: number;
  readonly masks: boolean;
}

/** Everything that decoding one image needs beside the outputs. */
export interface ImageAsk extends Ask {
  /** Which image of the batch. */
  readonly index: number;
  /** Size of the model's input for this run. */
  readonly width: number;
  readonly height: number;
  readonly classNames: readonly string[];
  readonly output: OutputSpec;
}

/** What a manifest, or the file, says of the outputs beyond the classes. */
export interface OutputSpec {
  /** Name of the family. */
  readonly layout: string;
  /** Of pose models: keypoints per object, and numbers per keypoint (2, or 3 with visibility). */
  readonly keypoints?: readonly [count: number, values: number] | undefined;
  /** Of text readers: what each class after the blank means. */
  readonly characters?: readonly string[] | undefined;
}

/** What a file says of itself to the family that it belongs to. */
export interface Recognised {
  readonly classNames: readonly string[];
  /** Size of the input where the graph leaves it open. */
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  readonly output?: Omit<OutputSpec, 'layout'>;
}

/** One family of models: how it knows its own, what it is fed and how its outputs are laid out. */
export interface Layout {
  readonly name: string;
  readonly task: Task;
  /** What it was trained with, unless the manifest says otherwise. */
  readonly preprocessing: Preprocessing;
  /** Least score of an object where neither manifest nor request say; else 0.25. */
  readonly confidence?: number;
  /** Undefined: the file is not of this family. Throws MODEL_INVALID: it is, but says too little. */
  recognise(file: OnnxFile): Recognised | undefined;
  /** Throws MODEL_INVALID where the outputs do not fit. */
  decode(outputs: readonly Output[], ask: ImageAsk): Candidates;
}
