import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { rejection } from '@demeter/common/testing';
import sharp from 'sharp';
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer';
import { PhotoEye } from './photo-eye.ts';

const DATA = path.resolve(process.env.DEMETER_TEST_DATA ?? '../../shared/data');
const TAGS = path.join(DATA, 'train-nursery/succulents-datamatrix');
const HEIC = path.join(DATA, 'photos-and-models/gps-and-formats');

const eye = new PhotoEye();
afterAll(() => eye.close());

/** A grey photo with codes on it. */
async function photoOf(codes: { text: string; left: number; format: 'QRCode' | 'DataMatrix' }[]) {
  const wasm = await readFile(
    new URL(import.meta.resolve('zxing-wasm/writer/zxing_writer.wasm')).pathname,
  );
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } });
  const composites = await Promise.all(
    codes.map(async ({ text, left, format }) => {
      const { image } = await writeBarcode(text, { format, scale: 6 });
      const input = await sharp(Buffer.from(await image!.arrayBuffer()))
        .extend({ top: 20, bottom: 20, left: 20, right: 20, background: '#ffffff' })
        .toBuffer();
      return { input, left, top: 300 };
    }),
  );
  return await sharp({ create: { width: 1600, height: 1200, channels: 3, background: '#6a7a5a' } })
    .composite(composites)
    .jpeg({ quality: 80 })
    .toBuffer();
}

describe('looking at photos', () => {
  test('reads QR and Data Matrix tags beside each other', async () => {
    const bytes = await photoOf([
      { text: 'A1-03', left: 200, format: 'QRCode' },
      { text: 'A1-04', left: 900, format: 'DataMatrix' },
    ]);
    const texts = await eye.readTags({ bytes, mediaType: 'image/jpeg', longSideMax: 2000 });
    expect([...texts].sort()).toEqual(['A1-03', 'A1-04']);
  });

  test('finds nothing where there is no tag, and says so for what cannot be decoded', async () => {
    const bytes = await photoOf([]);
    expect(await eye.readTags({ bytes, mediaType: 'image/jpeg', longSideMax: 2000 })).toEqual([]);
    const error = await rejection(
      eye.readTags({ bytes: new Uint8Array(500), mediaType: 'image/jpeg', longSideMax: 2000 }),
    );
    expect(error).toMatchObject({ code: 'UNDECODABLE_PHOTO' });
  });

  test('leaves the event loop free and the bytes in place', async () => {
    const bytes = await photoOf([{ text: 'A1-03', left: 200, format: 'QRCode' }]);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await eye.readTags({ bytes, mediaType: 'image/jpeg', longSideMax: 2000 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
    expect(bytes.length).toBeGreaterThan(1000);
  });

  test('turns a photo upright and makes it smaller, never larger', async () => {
    const bytes = await sharp({
      create: { width: 400, height: 200, channels: 3, background: '#808080' },
    })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const small = await eye.preview({ bytes, mediaType: 'image/jpeg', longSideMax: 100 });
    expect([small.width, small.height, small.data.length]).toEqual([50, 100, 15_000]);
    const same = await eye.preview({ bytes, mediaType: 'image/jpeg', longSideMax: 2048 });
    expect([same.width, same.height]).toEqual([200, 400]);
  });

  test.skipIf(!existsSync(TAGS))(
    'reads the tags of real pots (needs DEMETER_TEST_DATA)',
    async () => {
      const known: Record<string, string[]> = JSON.parse(
        await readFile(path.join(TAGS, 'datamatrix.json'), 'utf8'),
      );
      for (const [file, codes] of Object.entries(known)) {
        const bytes = await readFile(path.join(TAGS, file));
        const texts = await eye.readTags({ bytes, mediaType: 'image/jpeg', longSideMax: 4000 });
        const read = codes.filter((code) => texts.includes(code));
        expect(read.length, file).toBeGreaterThanOrEqual(Math.ceil(codes.length * 0.8));
      }
    },
  );

  test.skipIf(!existsSync(HEIC))('sees a HEIC photo (needs DEMETER_TEST_DATA)', async () => {
    const bytes = await readFile(path.join(HEIC, 'IMG_2682.heic'));
    const preview = await eye.preview({ bytes, mediaType: 'image/heic', longSideMax: 400 });
    expect(Math.max(preview.width, preview.height)).toBe(400);
    const mean = preview.data.reduce((sum, value) => sum + value, 0) / preview.data.length;
    expect(mean).toBeGreaterThan(20);
  });
});
