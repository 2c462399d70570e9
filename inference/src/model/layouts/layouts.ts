import { AppError } from '@demeter/common/errors';
import type { Layout } from './layout.ts';
import { yoloDetect } from './yolo-detect.ts';
import { yoloFinal } from './yolo-final.ts';
import { yoloSegment } from './yolo-segment.ts';

/** Every family. A file belongs to the first that recognises it. */
export const LAYOUTS: readonly Layout[] = [yoloFinal, yoloSegment, yoloDetect];

/** Throws MODEL_INVALID. */
export function findLayout(name: string): Layout {
  const layout = LAYOUTS.find((each) => each.name === name);
  if (layout) return layout;
  throw new AppError('MODEL_INVALID', `There is no layout "${name}".`);
}
