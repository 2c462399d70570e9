export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Decoded pixels: rows of interleaved RGB, 8 bits each. */
export interface RawImage extends Size {
  readonly data: Uint8Array;
}

/** `size` scaled by `ratio`, at least one pixel each way. */
export function scaled(size: Size, ratio: number): Size {
  return {
    width: Math.max(1, Math.round(size.width * ratio)),
    height: Math.max(1, Math.round(size.height * ratio)),
  };
}

export function longSide(size: Size): number {
  return Math.max(size.width, size.height);
}
