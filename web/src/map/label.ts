import type { Bounds } from './projection.ts';

/** Mean width of a character of the system's sans-serif, and line height, in em. */
const EM = { character: 0.62, line: 1.25 } as const;
/** Share of the shape that a label may take. */
const FILL = 0.86;

export interface FittedLabel {
  /** Font size in the plane's metres. */
  readonly size: number;
  /** False where it is turned along a tall shape. */
  readonly isUpright: boolean;
}

/** The largest size at which `lines` fit the bounds, turned where that is clearly larger. */
export function fitLabel(bounds: Bounds, lines: readonly string[]): FittedLabel {
  const width = (bounds.maxX - bounds.minX) * FILL;
  const height = (bounds.maxY - bounds.minY) * FILL;
  const given = lines.filter(Boolean);
  const longest = Math.max(1, ...given.map((line) => line.length)) * EM.character;
  const tall = Math.max(1, given.length) * EM.line;
  const upright = Math.min(width / longest, height / tall);
  const turned = Math.min(height / longest, width / tall);
  const isUpright = turned < upright * 1.3;
  return { size: isUpright ? upright : turned, isUpright };
}
