export interface Exposure {
  /** Mean of the grey picture, 0–255. */
  readonly brightness: number;
  /** Shares (0–1) of pixels that are black (≤ 16) and white (≥ 250). */
  readonly black: number;
  readonly white: number;
  /** Grey level, 0–255, below which the darkest twentieth of the pixels lies: high when washed out. */
  readonly shadow: number;
}

/** `pixels`: grey, one byte a pixel. */
export function exposureOf(pixels: Uint8Array): Exposure {
  const histogram = new Uint32Array(256);
  for (let i = 0; i < pixels.length; i++) histogram[pixels[i] as number]!++;
  let sum = 0;
  let seen = 0;
  let black = 0;
  let white = 0;
  let shadow = 0;
  for (let value = 0; value < 256; value++) {
    const count = histogram[value] as number;
    sum += value * count;
    if (value <= 16) black += count;
    if (value >= 250) white += count;
    if (seen < pixels.length / 20) shadow = value;
    seen += count;
  }
  const total = Math.max(1, pixels.length);
  return { brightness: sum / total, black: black / total, white: white / total, shadow };
}
