import { AppError } from '@demeter/common/errors';
import { classify } from './classify.ts';
import { ctc } from './ctc.ts';
import { dbText } from './db-text.ts';
import { detrFinal, detrLogits } from './detr.ts';
import { embed } from './embed.ts';
import type { Layout } from './layout.ts';
import { yoloDetect, yoloFinal } from './yolo-detect.ts';
import { yoloObb, yoloObbFinal } from './yolo-obb.ts';
import { yoloPose, yoloPoseFinal } from './yolo-pose.ts';
import { yoloSegment, yoloSegmentFinal } from './yolo-segment.ts';
import { yolox } from './yolox.ts';

/** Every family. A file belongs to the first that recognises it. */
export const LAYOUTS: readonly Layout[] = [
  ...[yoloDetect, yoloFinal],
  ...[yoloSegment, yoloSegmentFinal],
  ...[yoloPose, yoloPoseFinal],
  ...[yoloObb, yoloObbFinal],
  classify,
  yolox,
  ...[detrFinal, detrLogits],
  ctc,
  dbText,
  embed,
];

/** Throws MODEL_INVALID. */
export function findLayout(name: string): Layout {
  const layout = LAYOUTS.find((each) => each.name === name);
  if (layout) return layout;
  throw new AppError('MODEL_INVALID', `There is no layout "${name}".`);
}
