/** Boxes of one tile, x1,y1,x2,y2 in pixels of the model's input, side by side, unsorted. */
export interface Candidates {
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly classes: Uint32Array;
  /** The model itself can answer no more than this many: there may be more objects. */
  readonly capped: boolean;
}

/** Where the numbers of one image stand in an output tensor of three dimensions. */
export interface OutputShape {
  readonly batch: number;
  /** Values per anchor. */
  readonly channels: number;
  readonly anchors: number;
  /** [N, anchors, channels] instead of [N, channels, anchors]. */
  readonly transposed: boolean;
}

/** One family of models: how its output tensor is laid out. */
export interface Layout {
  readonly name: LayoutName;
  readonly task: 'detect' | 'segment';
  /** Finds the orientation. Throws MODEL_INVALID where the dimensions do not fit the classes. */
  readShape(dims: readonly number[], classCount: number): OutputShape;
  /** Candidates of image `index` whose best class scores above `confidence`. */
  decode(data: Float32Array, shape: OutputShape, options: DecodeOptions): Candidates;
}

export interface DecodeOptions {
  readonly index: number;
  readonly classCount: number;
  readonly confidence: number;
}

export const LAYOUT_NAMES = ['yolo-detect', 'yolo-segment', 'yolo-final'] as const;
export type LayoutName = (typeof LAYOUT_NAMES)[number];
