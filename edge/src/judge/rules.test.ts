import { describe, expect, test } from 'bun:test';
import { DEFAULT_THRESHOLDS } from '../cameras.ts';
import { parseLocalTime, parsePosition, toFacts } from './exif.ts';
import { exposureOf } from './exposure.ts';
import { differenceHash, findNearDuplicate, hashDistance } from './near-duplicate.ts';
import { emptyShare } from './obstruction.ts';
import { leastSharpness } from './sharpness.ts';
import { type Circumstances, judge, type Measurement } from './verdict.ts';

describe('sharpness', () => {
  const [width, height] = [64, 48];
  const picture = (value: (x: number, y: number) => number) =>
    Uint8Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width)));
  const sharpness = (pixels: Uint8Array) => leastSharpness(pixels, width, height);
  const noise = (x: number, y: number) => (((x * 7919 + y * 104729) ** 2) >>> 3) % 256;

  test('is the variance of the second differences in the direction where it is least', () => {
    /** A ramp has none; stripes of 0 and 100 differ by ±200 at each pixel across them. */
    expect(sharpness(picture((x, y) => x + 2 * y))).toBe(0);
    expect(sharpness(picture((x) => (x % 2) * 100))).toBe(0);
    const board = picture((x, y) => ((x + y) % 2) * 100);
    expect(sharpness(board)).toBe(0);
    const rows = [1, width, width + 1, width - 1].map((step) => {
      const values: number[] = [];
      const pixels = picture(noise);
      for (let y = 1; y < height - 1; y++) {
        for (let x = 1; x < width - 1; x++) {
          const i = y * width + x;
          values.push(2 * pixels[i]! - pixels[i - step]! - pixels[i + step]!);
        }
      }
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    });
    expect(sharpness(picture(noise))).toBeCloseTo(Math.min(...rows), 6);
    expect(sharpness(picture(noise))).toBeGreaterThan(1000);
  });

  test('falls as much when the camera moved as when it was out of focus', () => {
    const along = (dx: number, dy: number) =>
      picture((x, y) => {
        let sum = 0;
        for (let step = 0; step < 12; step++) sum += noise(x + step * dx, y + step * dy);
        return sum / 12;
      });
    for (const [dx, dy] of [
      [1, 0],
      [0, 1],
      [1, 1],
      [1, -1],
    ] as const) {
      expect(sharpness(along(dx, dy))).toBeLessThan(sharpness(picture(noise)) / 50);
    }
  });

  test('is 0 without edges, and for pictures too small to have any', () => {
    expect(sharpness(picture(() => 128))).toBe(0);
    expect(leastSharpness(new Uint8Array(4), 2, 2)).toBe(0);
  });
});

test('exposure: mean, the shares of black and white, the level of the shadows', () => {
  const found = exposureOf(Uint8Array.from([0, 16, 17, 249, 250, 255, 100, 100]));
  expect(found.black).toBe(0.25);
  expect(found.white).toBe(0.25);
  expect(found.brightness).toBeCloseTo((0 + 16 + 17 + 249 + 250 + 255 + 200) / 8, 6);
  expect(found.shadow).toBe(0);
  const washedOut = Uint8Array.from({ length: 100 }, (_, i) => (i < 4 ? 10 : 180));
  expect(exposureOf(washedOut).shadow).toBe(180);
});

describe('the largest empty area', () => {
  const [width, height] = [160, 96];
  /** Structure everywhere but where `isEmpty` says. */
  const picture = (isEmpty: (x: number, y: number) => boolean) => ({
    width,
    height,
    pixels: Uint8Array.from({ length: width * height }, (_, i) =>
      isEmpty(i % width, Math.floor(i / width)) ? 90 : (i * 7919) % 256,
    ),
  });

  test('is the share that something before the lens covers', () => {
    expect(emptyShare(picture(() => false))).toBe(0);
    expect(emptyShare(picture(() => true))).toBe(1);
    expect(emptyShare(picture((x) => x < width / 2))).toBe(0.5);
    expect(emptyShare(picture((_, y) => y >= (height * 3) / 4))).toBe(0.25);
  });

  test('is one area: many small ones, as between pots, are none', () => {
    const stripe = (x: number) => Math.floor(x / 10) % 2 === 0;
    expect(emptyShare(picture(stripe))).toBe(1 / 16);
    const board = (x: number, y: number) => (Math.floor(x / 10) + Math.floor(y / 6)) % 2 === 0;
    expect(emptyShare(picture(board))).toBe(1 / 256);
  });

  test('of a picture smaller than its cells is still a share', () => {
    expect(emptyShare({ width: 3, height: 2, pixels: new Uint8Array(6) })).toBeLessThanOrEqual(1);
  });
});

describe('near-duplicates', () => {
  const ramp = Uint8Array.from({ length: 17 * 16 }, (_, i) => (i * 37) % 251);

  test('the hash has 256 bits, ignores brightness and sees other pictures', () => {
    const hash = differenceHash(ramp);
    expect(hash).toHaveLength(64);
    expect(hashDistance(hash, differenceHash(ramp.map((value) => value / 2 + 100)))).toBeLessThan(
      5,
    );
    const other = differenceHash(ramp.map((value) => 255 - value));
    expect(hashDistance(hash, other)).toBeGreaterThan(200);
    expect(hashDistance(hash, hash)).toBe(0);
  });

  test('near in time and alike; never the photo itself', () => {
    const phash = 'a'.repeat(64);
    const photo = { sha256: 'p', phash, at: 100_000 };
    const near = { sha256: 'n', phash: `${'a'.repeat(63)}b`, at: 41_000 };
    const late = { sha256: 'l', phash, at: 161_000 };
    const other = { sha256: 'o', phash: '5'.repeat(64), at: 100_000 };
    expect(findNearDuplicate(photo, [photo, late, other])).toBeUndefined();
    expect(findNearDuplicate(photo, [late, other, near])?.sha256).toBe('n');
  });
});

describe('verdict', () => {
  const measured = (sharpness: number, brightness: number, empty = 0): Measurement => ({
    decoded: true,
    sharpness,
    exposure: { brightness, black: 0, white: 0, shadow: 20 },
    empty,
    phash: '',
  });
  const seen: Circumstances = { longSidePx: 4000, exposureS: null, nearDuplicateOf: null };
  const judged = (measurement: Measurement, circumstances: Partial<Circumstances> = {}) =>
    judge(measurement, { ...seen, ...circumstances }, DEFAULT_THRESHOLDS);
  const codes = (measurement: Measurement, circumstances: Partial<Circumstances> = {}) => {
    const { result, reasons } = judged(measurement, circumstances);
    return [result, ...reasons.map(({ code }) => code)];
  };

  test('names what is wrong, each with score, threshold and advice', () => {
    expect(codes(measured(500, 110))).toEqual(['good']);
    expect(codes(measured(5, 110))).toEqual(['poor', 'blurred']);
    expect(codes(measured(500, 230))).toEqual(['poor', 'too_bright']);
    expect(codes(measured(5, 230))).toEqual(['poor', 'too_bright', 'blurred']);
    const { reasons, scores } = judged(measured(11.234, 110));
    expect(reasons).toMatchObject([{ score: 11.2, threshold: 20 }]);
    expect(reasons[0]?.sentence).toContain('take it again');
    expect(scores).toMatchObject({ sharpness: 11.2, brightness: 110 });
  });

  test('blames the dark, not the lens, for a dark photo without edges', () => {
    expect(codes(measured(5, 10))).toEqual(['poor', 'too_dark']);
  });

  test('a near-duplicate is still a good photo', () => {
    const near = { nearDuplicateOf: 'x' };
    expect(codes(measured(500, 110), near)).toEqual(['good', 'near_duplicate']);
  });

  test("a camera's own thresholds decide", () => {
    const own = { ...DEFAULT_THRESHOLDS, sharpness: 1, dark: 0 };
    expect(judge(measured(5, 10), seen, own).result).toBe('good');
  });

  test('says what is before the lens, but not of a picture that is only dark', () => {
    expect(codes(measured(500, 110, 0.33))).toEqual(['poor', 'obstructed']);
    expect(judged(measured(500, 110, 0.334)).reasons).toMatchObject([
      { score: 0.33, threshold: 0.13, sentence: expect.stringContaining('(33 %)') },
    ]);
    expect(codes(measured(5, 10, 1))).toEqual(['poor', 'too_dark']);
  });

  test('a preview is too small', () => {
    expect(codes(measured(500, 110), { longSidePx: 150 })).toEqual(['poor', 'too_small']);
    expect(codes(measured(500, 110), { longSidePx: 320 })).toEqual(['good']);
  });

  test('tells a long exposure from a dirty lens', () => {
    const advice = (exposureS: number | null) =>
      judged(measured(5, 110), { exposureS }).reasons[0]?.sentence;
    expect(advice(0.4)).toContain('0.4 s exposure');
    expect(advice(1 / 20)).toContain('1/20 s exposure');
    expect(advice(1 / 500)).toContain('Wipe the lens');
    expect(advice(null)).toContain('Wipe the lens');
  });
});

describe('EXIF', () => {
  const north = { GPSLatitude: [45, 2, 16.77], GPSLatitudeRef: 'N' };

  test('positions have a hemisphere; nonsense is none', () => {
    const west = { ...north, GPSLongitude: [94, 20, 55.53], GPSLongitudeRef: 'W' };
    const found = parsePosition(west);
    expect(found?.latitude).toBeCloseTo(45.03799, 5);
    expect(found?.longitude).toBeCloseTo(-94.34876, 5);
    expect(parsePosition({ ...west, GPSHPositioningError: 4.5 })?.accuracy_m).toBe(4.5);
    expect(parsePosition({ ...west, GPSLatitude: [Number.NaN, 0, 0] })).toBeNull();
    expect(parsePosition({ ...west, GPSLatitude: [91, 0, 0] })).toBeNull();
    expect(parsePosition({ GPSLatitude: [0, 0, 0], GPSLongitude: [0, 0, 0] })).toBeNull();
    expect(parsePosition(north)).toBeNull();
  });

  test('a time whose zone is nonsense is a time without a zone', () => {
    const tags = { DateTimeOriginal: '2026:05:01 10:20:30', OffsetTimeOriginal: '+02:00' };
    expect(toFacts(tags)).toMatchObject({
      captured_at: '2026-05-01T08:20:30.000Z',
      captured_at_local: null,
    });
    expect(toFacts({ ...tags, OffsetTimeOriginal: '+99:99' })).toMatchObject({
      captured_at: null,
      captured_at_local: '2026-05-01T10:20:30',
    });
  });

  test('times are real, or none', () => {
    expect(parseLocalTime('2026:05:01 10:20:30')).toBe('2026-05-01T10:20:30');
    for (const wrong of [
      '0000:00:00 00:00:00',
      '2026:02:30 10:00:00',
      '1980:01:01 00:00:00',
      'x',
      5,
    ]) {
      expect(parseLocalTime(wrong)).toBeNull();
    }
  });
});
