import { randomBytes } from 'node:crypto';
import sharp from 'sharp';

export const PHOTO_BYTES = 2_000_000;

const COMMENT_MAX = 65_533;

/** Makes photos of exactly 2 MB: one picture, and a comment that makes each of them another file. */
export async function photoMaker(): Promise<() => Uint8Array<ArrayBuffer>> {
  const probe = await noisePicture(500);
  // Like a camera's: nearly all of it is picture, behind a header of some 50 kB.
  const picture = await noisePicture(Math.floor((500 * (PHOTO_BYTES - 30_000)) / probe.length));
  const missing = PHOTO_BYTES - picture.length;
  if (missing < 100 || missing > COMMENT_MAX) throw new Error(`a picture of ${picture.length}`);
  return () => {
    const photo = new Uint8Array(PHOTO_BYTES);
    photo.set(picture.subarray(0, 2));
    photo.set([0xff, 0xfe, (missing - 2) >> 8, (missing - 2) & 0xff], 2);
    photo.set(randomBytes(32), 6);
    photo.set(picture.subarray(2), 2 + missing);
    return photo;
  };
}

async function noisePicture(height: number): Promise<Buffer> {
  const width = 1600;
  const noise = randomBytes(width * height * 3);
  return await sharp(noise, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 86 })
    .toBuffer();
}
