import { AppError } from '@demeter/common/errors';
import type { Candidates, ImageAsk, Output } from './layout.ts';
import { ofImage } from './tensors.ts';

export interface RowObjects extends Candidates {
  /** What follows box, score and class: `extra` numbers an object. */
  readonly rest: Float32Array;
}

/**
 * [N, M, 6 + extra] of exports that suppress by themselves: x1, y1, x2, y2 in input pixels, score,
 * class, then what the task adds; unused rows have score 0. M (300 by default) caps what one view
 * can show. Source: ultralytics/engine/exporter.py (`nms=True`), nn/modules/head.py (end2end).
 * Throws MODEL_INVALID.
 */
export function decodeFinalRows(output: Output, ask: ImageAsk, extra: number): RowObjects {
  const [, rows = 0, columns = 0] = output.dims;
  if (output.dims.length !== 3 || columns !== 6 + extra) {
    throw new AppError(
      'MODEL_INVALID',
      `The output has the shape [${output.dims.join(', ')}]; [N, rows, ${6 + extra}] was expected.`,
    );
  }
  const data = ofImage(output, ask.index);
  const used = Array.from({ length: rows }, (_, row) =>
    data.subarray(row * columns, (row + 1) * columns),
  ).filter((row) => row[4]! > ask.confidence && row[5]! < ask.classNames.length);
  return {
    boxes: Float32Array.from(used.flatMap((row) => [...row.subarray(0, 4)])),
    scores: Float32Array.from(used, (row) => row[4]!),
    classes: Uint32Array.from(used, (row) => row[5]!),
    capped: used.length === rows,
    rest: Float32Array.from(used.flatMap((row) => [...row.subarray(6)])),
  };
}
