import { randomBytes } from 'node:crypto';
import sharp from 'sharp';

export const PHOTO_BYTES = 2_000_000;

const COMMENT_MAX = 65_533;

/** Makes photos of exactly 2 MB: one picture, and comments that make each of them another file. */
export async function photoMaker(): Promise<() => Uint8Array<ArrayBuffer>> {
  const [width, height] = [1600, 1060];
  const noise = randomBytes(width * height * 3);
  const picture = await sharp(noise, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 86 })
    .toBuffer();
  const missing = PHOTO_BYTES - picture.length;
  if (missing < 100 || missing > PHOTO_BYTES / 2) throw new Error(`a picture of ${picture.length}`);
  return () => {
    const photo = new Uint8Array(PHOTO_BYTES);
    photo.set(picture.subarray(0, 2));
    let at = 2;
    for (let left = missing; left > 0; ) {
      // The last comment takes what is left, and none is too short for its own header.
      const size = left > COMMENT_MAX + 1_000 ? COMMENT_MAX : Math.min(left, COMMENT_MAX - 1_000);
      photo.set([0xff, 0xfe, (size - 2) >> 8, (size - 2) & 0xff], at);
      photo.set(randomBytes(Math.min(32, size - 4)), at + 4);
      at += size;
      left -= size;
    }
    photo.set(picture.subarray(2), at);
    return photo;
  };
}
