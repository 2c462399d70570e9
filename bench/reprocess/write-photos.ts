import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const WIDTH = 320;
const HEIGHT = 240;

/** One small picture as `count` photos: a comment in the JPEG gives each bytes of its own. */
export async function writePhotos(folder: string, count: number): Promise<void> {
  mkdirSync(folder);
  const pixels = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, index) => (index * 7919) % 97);
  const picture = await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
  for (let number = 0; number < count; number++) {
    const comment = Buffer.from(`photo ${String(number).padStart(8, '0')}`);
    const head = Buffer.from([0xff, 0xfe, 0, comment.length + 2]);
    const photo = Buffer.concat([picture.subarray(0, 2), head, comment, picture.subarray(2)]);
    writeFileSync(join(folder, `${String(number).padStart(8, '0')}.jpg`), photo);
  }
}
