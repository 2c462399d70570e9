import type { ModelSpec } from '../model/model-spec.ts';
import { longSide, type Size, scaled } from './geometry.ts';
import { planWhole, type Tile } from './tile.ts';

/** Strides of the networks divide it. */
const STEP_PX = 32;
/** A longer line of text is squeezed to it. */
const LINE_MAX_PX = 2_560;

/** The size at which a photo is decoded to be seen whole, and where it then stands in the input. */
export interface View {
  readonly size: Size;
  readonly tile: Tile;
}

/** How a model sees a photo whole: model/preprocessing.ts says what each `fit` means. Pure. */
export function planView(photo: Size, input: ModelSpec['input']): View {
  const canvas = { width: input.width, height: input.height };
  const shrink = Math.min(input.width / photo.width, input.height / photo.height);
  switch (input.pixels.fit) {
    case 'letterbox': {
      const size = scaled(photo, shrink);
      return { size, tile: planWhole(size, canvas)[0]! };
    }
    case 'top-left':
      return atTopLeft(scaled(photo, shrink), canvas);
    case 'stretch':
      return atTopLeft(canvas, canvas);
    case 'multiple': {
      const ratio = Math.min(1, longSide(canvas) / longSide(photo));
      const side = (px: number) => Math.max(1, Math.round((px * ratio) / STEP_PX)) * STEP_PX;
      const size = { width: side(photo.width), height: side(photo.height) };
      return atTopLeft(size, size);
    }
    case 'line': {
      const width = Math.max(1, Math.ceil((photo.width * input.height) / photo.height));
      const most = input.openWidth ? LINE_MAX_PX : input.width;
      const size = { width: Math.min(most, width), height: input.height };
      const steps = Math.ceil(size.width / STEP_PX) * STEP_PX;
      return atTopLeft(size, { width: Math.max(input.width, steps), height: input.height });
    }
    case 'crop': {
      const fill = Math.max(input.width / photo.width, input.height / photo.height);
      const size = scaled(photo, fill);
      const x = Math.round((size.width - input.width) / 2);
      const y = Math.round((size.height - input.height) / 2);
      return { size, tile: { x, y, ...canvas, left: 0, top: 0, canvas } };
    }
  }
}

function atTopLeft(size: Size, canvas: Size): View {
  return { size, tile: { x: 0, y: 0, ...size, left: 0, top: 0, canvas } };
}
