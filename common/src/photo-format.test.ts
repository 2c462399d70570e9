import { describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from './errors.ts';
import { bytesSource, withFileSource } from './photo-format/source.ts';
import { checkPhoto, type PhotoHeader, sniffFormat } from './photo-format.ts';

const LIMITS = { bytesMax: 64 * 1024 * 1024, pixelsMax: 100_000_000 };

async function check(bytes: Uint8Array, limits = LIMITS): Promise<PhotoHeader | string> {
  try {
    return await checkPhoto(bytesSource(bytes), limits);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

const be16 = (value: number) => [value >> 8, value & 0xff];
const be32 = (value: number) => [...be16(value >>> 16), ...be16(value & 0xffff)];
const text = (value: string) => [...Buffer.from(value, 'latin1')];

const SOI = [0xff, 0xd8];
const EOI = [0xff, 0xd9];
const SCAN = [0xff, 0xda, ...be16(4), 1, 0, 0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56];
const frame = (width: number, height: number, marker = 0xc0) => [
  ...[0xff, marker, ...be16(11), 8, ...be16(height), ...be16(width)],
  ...[1, 1, 0x11, 0],
];
/** An EXIF segment with a whole thumbnail inside, end marker and all. */
const thumbnail = [
  0xff,
  0xe1,
  ...be16(2 + 30),
  ...SOI,
  ...frame(8, 8),
  ...EOI,
  ...Array(13).fill(7),
];
const jpeg = (width: number, height: number) =>
  Buffer.from([...SOI, ...thumbnail, ...frame(width, height, 0xc2), ...SCAN, ...SCAN, ...EOI]);

const chunk = (type: string, body: number[]) => [
  ...[...be32(body.length), ...text(type), ...body],
  ...(type === 'IEND' ? [0xae, 0x42, 0x60, 0x82] : [0, 0, 0, 0]),
];
const png = (width: number, height: number) =>
  Buffer.from([
    ...[0x89, ...text('PNG\r\n\x1a\n')],
    ...chunk('IHDR', [...be32(width), ...be32(height), 8, 2, 0, 0, 0]),
    ...[...chunk('IDAT', [1, 2, 3, 4, 5]), ...chunk('IEND', [])],
  ]);

function webp(type: string, payload: number[]): Buffer {
  const size = Buffer.alloc(8);
  size.writeUInt32LE(payload.length + 12, 0);
  size.writeUInt32LE(payload.length, 4);
  const [riff, inner] = [[...size.subarray(0, 4)], [...size.subarray(4)]];
  return Buffer.from([
    ...[...text('RIFF'), ...riff, ...text('WEBP'), ...text(type), ...inner],
    ...payload,
  ]);
}
const lossy = (width: number, height: number) => {
  const body = Buffer.alloc(20);
  body.set([0, 0, 0, 0x9d, 0x01, 0x2a], 0);
  body.writeUInt16LE(width, 6);
  body.writeUInt16LE(height, 8);
  return webp('VP8 ', [...body]);
};

const box = (type: string, body: number[]) => [...be32(body.length + 8), ...text(type), ...body];
const ispe = (width: number, height: number) =>
  box('ispe', [0, 0, 0, 0, ...be32(width), ...be32(height)]);
const heic = (brand = 'heic') =>
  Buffer.from([
    ...box('ftyp', [...text('mif1'), 0, 0, 0, 0, ...text('mif1'), ...text(brand)]),
    ...box('meta', [
      ...[0, 0, 0, 0],
      ...box('hdlr', [1, 2, 3]),
      ...box('iprp', box('ipco', [...ispe(512, 512), ...ispe(4032, 3024), ...ispe(320, 240)])),
    ]),
    ...box('mdat', [1, 2, 3, 4, 5, 6, 7, 8]),
  ]);

describe('checkPhoto', () => {
  test('reads format and size of every kind', async () => {
    expect(await check(jpeg(640, 480))).toEqual({
      format: 'jpeg',
      mediaType: 'image/jpeg',
      width: 640,
      height: 480,
    });
    expect(await check(png(31, 17))).toMatchObject({ format: 'png', width: 31, height: 17 });
    expect(await check(lossy(800, 600))).toMatchObject({ format: 'webp', width: 800, height: 600 });
    const lossless = webp('VP8L', [0x2f, ...[0x9f, 0xc0, 0x3b, 0], ...Array(13).fill(0)]);
    expect(await check(lossless)).toMatchObject({ format: 'webp', width: 160, height: 240 });
    const extended = webp('VP8X', [0, 0, 0, 0, 0x7f, 0x07, 0, 0x37, 0x04, 0]);
    expect(await check(extended)).toMatchObject({ format: 'webp', width: 1920, height: 1080 });
    expect(await check(heic())).toMatchObject({ format: 'heic', width: 4032, height: 3024 });
  });

  test('no beginning of a photo passes for the whole', async () => {
    for (const whole of [jpeg(640, 480), png(31, 17), lossy(800, 600), heic()]) {
      for (let length = 1; length < whole.length; length++) {
        const result = await check(whole.subarray(0, length));
        expect(['NOT_AN_IMAGE', 'TRUNCATED_PHOTO']).toContain(result as string);
      }
      expect(await check(whole)).toBeObject();
    }
  });

  test('bytes behind the end marker do not matter', async () => {
    const film = Buffer.from([...text('appended film'), 0xff, 0xda, 0xff, 0x01]);
    for (const whole of [jpeg(640, 480), png(31, 17), lossy(800, 600)]) {
      expect(await check(Buffer.concat([whole, film]))).toBeObject();
    }
  });

  test('refuses what is no photo', async () => {
    const others = [
      '%PDF-1.7 …',
      '<svg xmlns="">',
      'GIF89a',
      '{"a":1}',
      'BM',
      '\0\0\0\x18ftypmp42',
    ];
    for (const other of others) expect(await check(Buffer.from(other))).toBe('NOT_AN_IMAGE');
    expect(await check(heic('avif'))).toBe('NOT_AN_IMAGE');
    expect(await check(Buffer.from([...SOI, ...EOI]))).toBe('NOT_AN_IMAGE');
    expect(await check(jpeg(0, 480))).toBe('NOT_AN_IMAGE');
    expect(await check(Buffer.alloc(0))).toBe('EMPTY_PHOTO');
  });

  test('keeps the limits, by the header alone', async () => {
    expect(await check(jpeg(10_000, 10_000))).toBeObject();
    expect(await check(jpeg(10_001, 10_000))).toBe('TOO_MANY_PIXELS');
    expect(await check(png(4_000_000_000, 4_000_000_000))).toBe('TOO_MANY_PIXELS');
    expect(await check(png(9, 9), { ...LIMITS, bytesMax: 20 })).toBe('PHOTO_TOO_LARGE');
  });

  test('ends on hostile lengths', async () => {
    const zeroLength = Buffer.from([...SOI, 0xff, 0xe0, 0, 0, ...frame(8, 8), ...EOI]);
    expect(await check(zeroLength)).toBe('NOT_AN_IMAGE');
    const looping = Buffer.from([
      ...box('ftyp', [...text('heic'), 0, 0, 0, 0]),
      ...be32(4),
      ...text('meta'),
    ]);
    expect(await check(looping)).toBe('TRUNCATED_PHOTO');
    expect(await check(Buffer.concat([Buffer.from(SOI), Buffer.alloc(600_000, 0xff)]))).toBe(
      'NOT_AN_IMAGE',
    );
  });
});

const data = process.env.DEMETER_TEST_DATA ?? join(import.meta.dir, '../../../shared/data');
const photos = join(data, 'photos-and-models');
const real: [string, Partial<PhotoHeader>][] = [
  ['trays/arabidopsis_tray.jpg', { format: 'jpeg', width: 2592, height: 1944 }],
  ['gps-and-formats/empty_gps_16MP.jpg', { format: 'jpeg', width: 4640, height: 3472 }],
  ['gps-and-formats/IMG_2682.heic', { format: 'heic', width: 4032, height: 3024 }],
  ['aerial-trees/OSBS_029.png', { format: 'png', width: 400, height: 400 }],
];

describe.skipIf(!existsSync(photos))('real photos (DEMETER_TEST_DATA)', () => {
  test.each(real)('%s is read as what it is', async (name, header) => {
    const found = await withFileSource(join(photos, name), (source) => checkPhoto(source, LIMITS));
    expect(found).toMatchObject(header);
  });

  test.each(real)('%s cut anywhere is refused', async (name) => {
    const bytes = await readFile(join(photos, name));
    for (let part = 1; part < 40; part++) {
      const cut = bytes.subarray(0, Math.floor((bytes.length * part) / 40));
      expect(await check(cut)).toBe('TRUNCATED_PHOTO');
    }
  });
});

test('sniffFormat needs no whole file', () => {
  expect(sniffFormat(jpeg(8, 8).subarray(0, 3))).toBe('jpeg');
  expect(sniffFormat(new Uint8Array())).toBeUndefined();
});

describe('a file made to be slow to read', () => {
  const SIZE = 4 * 1024 * 1024;
  const repeated = (head: number[], unit: number[]) => {
    const bytes = Buffer.alloc(SIZE);
    bytes.set(head);
    for (let at = head.length; at < SIZE; at += unit.length) {
      bytes.set(unit.slice(0, SIZE - at), at);
    }
    return bytes;
  };
  const png = [...text('\x89PNG\r\n\x1a\n'), ...be32(13), ...text('IHDR'), ...be32(8), ...be32(8)];
  const files: [string, Buffer][] = [
    ['empty JPEG segments', repeated([...SOI, ...frame(8, 8)], [0xff, 0xe1, ...be16(2)])],
    ['markers inside a scan', repeated([...SOI, ...frame(8, 8), ...SCAN], [0xff, 0x01])],
    ['JPEG fill bytes', repeated([...SOI, ...frame(8, 8)], [0xff])],
    [
      'empty PNG chunks',
      repeated([...png, 8, 2, 0, 0, 0, ...be32(0)], [...be32(0), ...text('IDAT'), ...be32(0)]),
    ],
  ];

  test.each(files)('%s: is refused after a bounded number of reads', async (_name, bytes) => {
    let reads = 0;
    const inner = bytesSource(bytes);
    const source = {
      size: inner.size,
      read: (at: number, length: number) => {
        reads++;
        return inner.read(at, length);
      },
    };
    const error = await checkPhoto(source, LIMITS).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'TRUNCATED_PHOTO' });
    expect(reads).toBeLessThan(100_000);
  });
});
