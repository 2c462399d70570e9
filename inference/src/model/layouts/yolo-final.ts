import { AppError } from '@demeter/common/errors';
import { ULTRALYTICS } from '../preprocessing.ts';
import type { Layout } from './layout.ts';
import { fits, readUltralytics } from './ultralytics.ts';

/** x1, y1, x2, y2, score, class. */
const CHANNELS = 6;

/**
 * `output0` [N, M, 6] of exports that suppress by themselves: x1, y1, x2, y2 in input pixels, score,
 * class; unused rows have score 0. M (300 by default) caps what one view can show.
 * Source: ultralytics/engine/exporter.py (`nms=True`), nn/modules/head.py (end2end).
 */
export const yoloFinal: Layout = {
  name: 'yolo-final',
  task: 'detect',
  preprocessing: ULTRALYTICS,
  recognise: (file) => {
    const { outputs } = file;
    // Few numbers a row.
    const final =
      outputs.length === 1 && fits(outputs[0]?.dims ?? [], [undefined, undefined, CHANNELS]);
    const found = final ? readUltralytics(file) : undefined;
    return found?.task === 'detect' ? found : undefined;
  },
  decode: ([output], { index, classNames, confidence }) => {
    const { dims = [], data = new Float32Array() } = output ?? {};
    const [batch, anchors, channels] = dims;
    if (dims.length !== 3 || !batch || !anchors || channels !== CHANNELS) {
      throw new AppError(
        'MODEL_INVALID',
        `The output has the shape [${dims.join(', ')}]; [N, rows, ${CHANNELS}] was expected.`,
      );
    }
    const rows = Array.from({ length: anchors }, (_, row) => {
      const at = (index * anchors + row) * channels;
      return data.subarray(at, at + channels);
    });
    const used = rows.filter((row) => row[4]! > confidence && row[5]! < classNames.length);
    return {
      boxes: Float32Array.from(used.flatMap((row) => [...row.subarray(0, 4)])),
      scores: Float32Array.from(used, (row) => row[4]!),
      classes: Uint32Array.from(used, (row) => row[5]!),
      capped: used.length === anchors,
    };
  },
};
