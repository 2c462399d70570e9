import { AppError } from '@demeter/common/errors';
import type { Candidates, DecodeOptions, OutputShape } from './layout.ts';

/**
 * Orientation of a [N, channels, anchors] tensor by the channel count that its classes ask for.
 * Throws MODEL_INVALID.
 */
export function readAnchorShape(dims: readonly number[], channels: number): OutputShape {
  const [batch, first, second] = dims;
  if (dims.length === 3 && batch && first && second) {
    if (first === channels) return { batch, channels, anchors: second, transposed: false };
    if (second === channels) return { batch, channels, anchors: first, transposed: true };
  }
  throw new AppError(
    'MODEL_INVALID',
    `The output has the shape [${dims.join(', ')}]; its classes ask for [N, ${channels}, anchors].`,
  );
}

/**
 * Reads cx, cy, w, h and one sigmoid score a class for each anchor; keeps an anchor whose best
 * class scores above the threshold (of equal ones the lower class). Channels after the classes,
 * such as mask coefficients, are left alone. Source: ultralytics/utils/nms.py.
 */
export function decodeAnchors(
  data: Float32Array,
  shape: OutputShape,
  options: DecodeOptions,
): Candidates {
  const { anchors, channels } = shape;
  const offset = options.index * channels * anchors;
  const channelStep = shape.transposed ? 1 : anchors;
  const anchorStep = shape.transposed ? channels : 1;
  const best = new Float32Array(anchors).fill(options.confidence);
  const bestClass = new Int32Array(anchors).fill(-1);
  let count = 0;
  // Class by class: sequential reads of the tensor are several times faster than anchor by anchor.
  for (let c = 0; c < options.classCount; c++) {
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
    classes[k++] = bestClass[a]!;
  }
  return { boxes, scores, classes, capped: false };
}
