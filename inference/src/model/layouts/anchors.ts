import { AppError } from '@demeter/common/errors';
import type { Candidates, ImageAsk, Output } from './layout.ts';

/** Where the numbers of one image stand in a tensor of three dimensions. */
export interface AnchorShape {
  /** Values per anchor. */
  readonly channels: number;
  readonly anchors: number;
  /** [N, anchors, channels] instead of [N, channels, anchors]. */
  readonly transposed: boolean;
}

/**
 * Orientation of a [N, channels, anchors] tensor by the channel count that its classes ask for.
 * Throws MODEL_INVALID.
 */
export function readAnchorShape(dims: readonly number[], channels: number): AnchorShape {
  const [batch, first, second] = dims;
  if (dims.length === 3 && batch && first && second) {
    if (first === channels) return { channels, anchors: second, transposed: false };
    if (second === channels) return { channels, anchors: first, transposed: true };
  }
  throw new AppError(
    'MODEL_INVALID',
    `The output has the shape [${dims.join(', ')}]; its classes ask for [N, ${channels}, anchors].`,
  );
}

export interface AnchorObjects extends Candidates {
  /** The anchor of each object. */
  readonly anchors: Uint32Array;
}

/**
 * Reads cx, cy, w, h and one sigmoid score a class for each anchor; keeps an anchor whose best
 * class scores above the threshold (of equal ones the lower class). Channels after the classes are
 * the caller's: `readColumns`. Source: ultralytics/utils/nms.py.
 */
export function decodeAnchors(
  { data }: Pick<Output, 'data'>,
  shape: AnchorShape,
  ask: Pick<ImageAsk, 'index' | 'confidence' | 'classNames'>,
): AnchorObjects {
  const { anchors } = shape;
  const { offset, channelStep, anchorStep } = stepsOf(shape, ask.index);
  const best = new Float32Array(anchors).fill(ask.confidence);
  const bestClass = new Int32Array(anchors).fill(-1);
  let count = 0;
  // Class by class: sequential reads of the tensor are several times faster than anchor by anchor.
  for (let c = 0; c < ask.classNames.length; c++) {
    let at = offset + (4 + c) * channelStep;
    for (let a = 0; a < anchors; a++, at += anchorStep) {
      const score = data[at]!;
      if (score > best[a]!) {
        if (bestClass[a]! < 0) count++;
        best[a] = score;
        bestClass[a] = c;
      }
    }
  }
  const boxes = new Float32Array(count * 4);
  const scores = new Float32Array(count);
  const classes = new Uint32Array(count);
  const from = new Uint32Array(count);
  for (let a = 0, k = 0; k < count; a++) {
    if (bestClass[a]! < 0) continue;
    const at = offset + a * anchorStep;
    const cx = data[at]!;
    const cy = data[at + channelStep]!;
    const halfWidth = data[at + 2 * channelStep]! / 2;
    const halfHeight = data[at + 3 * channelStep]! / 2;
    boxes[4 * k] = cx - halfWidth;
    boxes[4 * k + 1] = cy - halfHeight;
    boxes[4 * k + 2] = cx + halfWidth;
    boxes[4 * k + 3] = cy + halfHeight;
    scores[k] = best[a]!;
    classes[k] = bestClass[a]!;
    from[k++] = a;
  }
  return { boxes, scores, classes, capped: false, anchors: from };
}

/** `count` channels from `first` on, side by side, of each of the anchors. */
export function readColumns(
  data: Float32Array,
  shape: AnchorShape,
  want: { index: number; anchors: Uint32Array; first: number; count: number },
): Float32Array {
  const { offset, channelStep, anchorStep } = stepsOf(shape, want.index);
  const columns = new Float32Array(want.anchors.length * want.count);
  let to = 0;
  for (const anchor of want.anchors) {
    let at = offset + anchor * anchorStep + want.first * channelStep;
    for (let c = 0; c < want.count; c++, at += channelStep) columns[to++] = data[at]!;
  }
  return columns;
}

function stepsOf({ anchors, channels, transposed }: AnchorShape, index: number) {
  return {
    offset: index * channels * anchors,
    channelStep: transposed ? 1 : anchors,
    anchorStep: transposed ? channels : 1,
  };
}
