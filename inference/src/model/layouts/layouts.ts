import type { Layout, LayoutName } from './layout.ts';
import { yoloDetect } from './yolo-detect.ts';
import { yoloFinal } from './yolo-final.ts';
import { yoloSegment } from './yolo-segment.ts';

export const LAYOUTS: Readonly<Record<LayoutName, Layout>> = {
  'yolo-detect': yoloDetect,
  'yolo-segment': yoloSegment,
  'yolo-final': yoloFinal,
};
