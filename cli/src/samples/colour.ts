/** Hue in degrees, saturation and lightness 0–1. */
export interface Colour {
  readonly h: number;
  readonly s: number;
  readonly l: number;
}

export function css({ h, s, l }: Colour): string {
  const percent = (part: number) => `${(Math.max(0, Math.min(1, part)) * 100).toFixed(1)}%`;
  return `hsl(${h.toFixed(0)},${percent(s)},${percent(l)})`;
}

/** The same hue, lighter or darker by `by`. */
export function shade(colour: Colour, by: number): Colour {
  return { ...colour, l: colour.l + by };
}
