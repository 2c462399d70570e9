import type { TilingSpec } from '../model/model-spec.ts';
import { longSide, type Size } from './geometry.ts';

/** A level is worth trying beside the one before only if it is so much larger. */
const LEVEL_RATIO_MIN = 1.25;

/**
 * Long sides to try, ascending: the model's levels, up to the photo's own size, which comes last if
 * it is clearly larger. A small photo is enlarged up to the second level. A model finds nothing, or
 * soil grains, where plants have a size that it has not learnt. Same as models/train/count.py.
 */
export function planScales(photo: Size, { longSidesPx }: TilingSpec): readonly number[] {
  const native = longSide(photo);
  const enough = Math.max(native, longSidesPx[1] ?? 0);
  const levels = longSidesPx.filter((side) => side <= enough);
  const last = levels.at(-1);
  return last === undefined || native > LEVEL_RATIO_MIN * last ? [...levels, native] : levels;
}

/** Median of sqrt(w·h) over boxes side by side; 0 without boxes. */
function medianSizePx(boxes: Float32Array): number {
  const sizes = Float32Array.from({ length: boxes.length / 4 }, (_, k) => {
    const i = 4 * k;
    return Math.sqrt((boxes[i + 2]! - boxes[i]!) * (boxes[i + 3]! - boxes[i + 1]!));
  }).sort();
  const middle = sizes.length >> 1;
  if (sizes.length === 0) return 0;
  return sizes.length % 2 === 1 ? sizes[middle]! : (sizes[middle - 1]! + sizes[middle]!) / 2;
}

/** What one scale shows: boxes side by side, in pixels of that scale. */
export interface ScaleView {
  readonly set: { readonly boxes: Float32Array };
}

/**
 * The index of the scale at which a photo is counted: the first whose plants have a size the model
 * knows, unless the next one shows clearly more such plants; else the last that shows any. `look` is
 * asked once for each scale that is needed, in order. Same as models/train/count.py.
 */
export async function chooseScale(
  scales: readonly number[],
  look: (index: number) => Promise<ScaleView>,
  tiling: TilingSpec,
): Promise<number> {
  const { upToPx, moreThan } = tiling.check;
  const known = ({ set }: ScaleView) => medianSizePx(set.boxes) >= tiling.objectPx[0];
  let best = 0;
  let view: ScaleView | undefined;
  for (const [index, side] of scales.entries()) {
    view ??= await look(index);
    const found = view.set.boxes.length;
    // A finer scale that finds nothing takes nothing back.
    if (found > 0) best = index;
    const last = index + 1 === scales.length;
    if (last || (known(view) && side > upToPx)) break;
    const next = known(view) ? await look(index + 1) : undefined;
    if (next && !(known(next) && next.set.boxes.length > moreThan * found)) break;
    view = next;
  }
  return best;
}
