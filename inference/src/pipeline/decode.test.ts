import { describe, expect, test } from 'bun:test';
import sharp from 'sharp';
import { dataFile, rejection, testData } from '../_testing.ts';
import { openPhoto } from './decode.ts';
import { enlarge } from './enlarge.ts';

const LIMIT = 100_000_000;
/** A photo whose left half is red and whose right half is blue. */
const halves = sharp({
  create: { width: 40, height: 20, channels: 3, background: 'red' },
}).composite([
  {
    input: { create: { width: 20, height: 20, channels: 3, background: 'blue' } },
    left: 20,
    top: 0,
  },
]);

test('JPEG, PNG and WebP come out upright, as RGB, in the size asked for', async () => {
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    // Orientation 6: turned a quarter clockwise to be upright, left becomes top.
    const bytes = await halves.clone().withMetadata({ orientation: 6 })[format]().toBuffer();
    const photo = await openPhoto(bytes, LIMIT);
    expect(photo, format).toMatchObject({ width: 20, height: 40 });
    const image = await photo.decode({ width: 10, height: 20 }, 'linear');
    expect(image).toMatchObject({ width: 10, height: 20 });
    expect(image.data).toHaveLength(10 * 20 * 3);
    expect(image.data[0], format).toBeGreaterThan(200);
    expect(image.data.at(-1), format).toBeGreaterThan(200);
  }
});

test('grey, transparent and 16-bit photos come out as RGB of 8 bits', async () => {
  const grey = await halves.clone().greyscale().png().toBuffer();
  const clear = await halves.clone().ensureAlpha(0.5).png().toBuffer();
  const deep = await halves.clone().toColourspace('rgb16').png().toBuffer();
  for (const bytes of [grey, clear, deep]) {
    const image = await (await openPhoto(bytes, LIMIT)).decode({ width: 40, height: 20 }, 'linear');
    expect(image.data).toHaveLength(40 * 20 * 3);
  }
});

test('a photo smaller than asked for is enlarged, its middle staying in the middle', async () => {
  const photo = await openPhoto(await halves.clone().png().toBuffer(), LIMIT);
  for (const kernel of ['linear', 'lanczos3'] as const) {
    const { data } = await photo.decode({ width: 160, height: 80 }, kernel);
    const row = (x: number) => data[3 * (40 * 160 + x)]!;
    expect([row(10), row(150)]).toEqual([255, 0]);
    // Mirrored about the seam: what is red on one side is missing on the other.
    expect(row(79) + row(80)).toBeWithin(253, 258);
  }
});

test('enlarging a photo leaves the thread to others now and then', async () => {
  const image = { width: 40, height: 20, data: new Uint8Array(40 * 20 * 3) };
  let turns = 0;
  const counting = setInterval(() => turns++);
  await enlarge(image, { width: 3_000, height: 1_500 }, 'lanczos3');
  clearInterval(counting);
  expect(turns).toBeGreaterThan(0);
});

test('says what is wrong: no image, another format, too many pixels, a body that ends early', async () => {
  const code = async (bytes: Uint8Array, limit = LIMIT) => {
    const run = openPhoto(bytes, limit).then((p) => p.decode({ width: 8, height: 8 }, 'linear'));
    return (await rejection(run)) as { code: string };
  };
  const jpeg = await halves.clone().resize(600, 400).jpeg().toBuffer();
  expect(await code(Buffer.from('hello'))).toMatchObject({ code: 'UNDECODABLE_PHOTO' });
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  expect(await code(svg)).toMatchObject({ code: 'NOT_AN_IMAGE' });
  expect(await code(jpeg, 1_000)).toMatchObject({ code: 'TOO_MANY_PIXELS' });
  const cut = Buffer.concat([jpeg.subarray(0, jpeg.length / 2), Buffer.from([0xff, 0xd9])]);
  expect(await code(cut)).toMatchObject({ code: 'UNDECODABLE_PHOTO' });
});

test('stray bytes in an otherwise whole photo are no fault', async () => {
  const jpeg = await halves.clone().resize(600, 400).jpeg().toBuffer();
  const stray = Buffer.concat([jpeg.subarray(0, -2), Buffer.from([0, 0, 0, 0xff, 0xd9])]);
  const photo = await openPhoto(stray, LIMIT);
  expect(await photo.decode({ width: 600, height: 400 }, 'linear')).toMatchObject({ width: 600 });
});

describe.skipIf(testData === undefined)('HEIC', () => {
  test('is decoded whole, and a damaged one is named and does not harm the next', async () => {
    const bytes = await Bun.file(
      dataFile('photos-and-models/gps-and-formats/IMG_2682.heic'),
    ).bytes();
    const cut = bytes.slice(0, bytes.length / 3);
    expect(await rejection(openPhoto(cut, LIMIT))).toMatchObject({ code: 'UNDECODABLE_PHOTO' });
    // Whole by its boxes, but its index says nothing.
    const damaged = bytes.slice().fill(0, 100, 3_000);
    expect(await rejection(openPhoto(damaged, LIMIT))).toMatchObject({ code: 'UNDECODABLE_PHOTO' });
    expect(await rejection(openPhoto(bytes, 1_000))).toMatchObject({ code: 'TOO_MANY_PIXELS' });
    const photo = await openPhoto(bytes, LIMIT);
    const image = await photo.decode({ width: 320, height: 240 }, 'lanczos3');
    const mean = image.data.reduce((sum, value) => sum + value, 0) / image.data.length;
    expect(mean).toBeWithin(40, 220);
  });
});
