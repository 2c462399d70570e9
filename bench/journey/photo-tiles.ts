import sharp from 'sharp';

/** The model's input and the overlap of tiles, as the served side is asked to cut. */
export const TILE_PX = 640;
export const OVERLAP = 0.2;

/** The first `count` tiles of a photo, ready for the model: NCHW float32, 0–1, RGB. */
export async function cutTiles(path: string, count: number): Promise<readonly Float32Array[]> {
  const { data, info } = await sharp(path)
    .autoOrient()
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const step = Math.floor(TILE_PX * (1 - OVERLAP));
  const columns = Math.floor((info.width - TILE_PX) / step) + 1;
  return Array.from({ length: count }, (_, index) => {
    const x = (index % columns) * step;
    const y = Math.floor(index / columns) * step;
    return toTensor(data, info.width, x, y);
  });
}

function toTensor(data: Uint8Array, width: number, x: number, y: number): Float32Array {
  const plane = TILE_PX * TILE_PX;
  const tensor = new Float32Array(3 * plane);
  for (let row = 0, to = 0; row < TILE_PX; row++) {
    let from = ((y + row) * width + x) * 3;
    for (let column = 0; column < TILE_PX; column++, to++) {
      for (let c = 0; c < 3; c++) tensor[c * plane + to] = data[from++]! / 255;
    }
  }
  return tensor;
}
