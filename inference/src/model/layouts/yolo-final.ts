import { AppError } from '@demeter/common/errors';
import type { Layout } from './layout.ts';

/** x1, y1, x2, y2, score, class. */
export const FINAL_CHANNELS = 6;

/**
 * `output0` [N, M, 6] of exports that suppress by themselves: x1, y1, x2, y2 in input pixels, score,
 * class; unused rows have score 0. M (300 by default) caps what one view can show.
 * Source: ultralytics/engine/exporter.py (`nms=True`), nn/modules/head.py (end2end).
 */
export const yoloFinal: Layout = {
  name: 'yolo-final',
  task: 'detect',
  readShape: (dims) => {
    const [batch, anchors, channels] = dims;
    if (dims.length === 3 && batch && anchors && channels === FINAL_CHANNELS) {
      return { batch, channels, anchors, transposed: true };
    }
    throw new AppError(
      'MODEL_INVALID',
      `The output has the shape [${dims.join(', ')}]; [N, rows, ${FINAL_CHANNELS}] was expected.`,
    );
  },
  decode: (data, { anchors, channels }, { index, classCount, confidence }) => {
    const rows = Array.from({ length: anchors }, (_, row) => {
      const at = (index * anchors + row) * channels;
      return data.subarray(at, at + channels);
    });
    const used = rows.filter((row) => row[4]! > confidence && row[5]! < classCount);
    return {
      boxes: Float32Array.from(used.flatMap((row) => [...row.subarray(0, 4)])),
      scores: Float32Array.from(used, (row) => row[4]!),
      classes: Uint32Array.from(used, (row) => row[5]!),
      capped: used.length === anchors,
    };
  },
};
