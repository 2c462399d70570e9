import { describe, expect, test } from 'bun:test';
import { DEFAULT_THRESHOLDS } from '../cameras.ts';
import { parseLocalTime, parsePosition } from './exif.ts';
import { exposureOf } from './exposure.ts';
import { differenceHash, findNearDuplicate, hashDistance } from './near-duplicate.ts';
import { laplacianVariance } from './sharpness.ts';
import { judge, laneOf, type Measurement } from './verdict.ts';

describe('sharpness', () => {
  /** The definition, as plainly as it can be written. */
  function reference(pixels: Uint8Array, width: number, height: number): number {
    const at = (x: number, y: number) => pixels[y * width + x] ?? Number.NaN;
    const values: number[] = [];
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        values.push(4 * at(x, y) - at(x - 1, y) - at(x + 1, y) - at(x, y - 1) - at(x, y + 1));
      }
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  }

  test('is the variance of the Laplacian', () => {
    const [width, height] = [37, 23];
    const pixels = Uint8Array.from(
      { length: width * height },
      (_, i) => (i * i * 31 + i * 7) % 256,
    );
    expect(laplacianVariance(pixels, width, height)).toBeCloseTo(
      reference(pixels, width, height),
      6,
    );
  });

  test('is 0 without edges, and for pictures too small to have any', () => {
    expect(laplacianVariance(new Uint8Array(100).fill(128), 10, 10)).toBe(0);
    expect(laplacianVariance(new Uint8Array(4), 2, 2)).toBe(0);
  });
});

test('exposure: mean and the shares of black and white', () => {
  const found = exposureOf(Uint8Array.from([0, 16, 17, 249, 250, 255, 100, 100]));
  expect(found.black).toBe(0.25);
  expect(found.white).toBe(0.25);
  expect(found.brightness).toBeCloseTo((0 + 16 + 17 + 249 + 250 + 255 + 200) / 8, 6);
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
  const measured = (sharpness: number, brightness: number): Measurement => ({
    decoded: true,
    sharpness,
    exposure: { brightness, black: 0, white: 0 },
    phash: '',
  });
  const codes = (measurement: Measurement, duplicate: string | null = null) => {
    const { result, reasons } = judge(measurement, DEFAULT_THRESHOLDS, duplicate);
    return [result, ...reasons.map(({ code }) => code)];
  };

  test('names what is wrong, each with score, threshold and advice', () => {
    expect(codes(measured(500, 110))).toEqual(['good']);
    expect(codes(measured(5, 110))).toEqual(['poor', 'blurred']);
    expect(codes(measured(500, 230))).toEqual(['poor', 'too_bright']);
    expect(codes(measured(5, 230))).toEqual(['poor', 'too_bright', 'blurred']);
    const { reasons, scores } = judge(measured(41.234, 110), DEFAULT_THRESHOLDS, null);
    expect(reasons).toMatchObject([{ score: 41.2, threshold: 60 }]);
    expect(reasons[0]?.sentence).toContain('take it again');
    expect(scores).toMatchObject({ sharpness: 41.2, brightness: 110 });
  });

  test('blames the dark, not the lens, for a dark photo without edges', () => {
    expect(codes(measured(5, 10))).toEqual(['poor', 'too_dark']);
  });

  test('a near-duplicate is still a good photo, sent later', () => {
    expect(codes(measured(500, 110), 'x')).toEqual(['good', 'near_duplicate']);
    expect(laneOf(judge(measured(500, 110), DEFAULT_THRESHOLDS, 'x'))).toBeGreaterThan(
      laneOf(judge(measured(500, 110), DEFAULT_THRESHOLDS, null)),
    );
  });

  test("a camera's own thresholds decide", () => {
    const own = { ...DEFAULT_THRESHOLDS, sharpness: 1, dark: 0 };
    expect(judge(measured(5, 10), own, null).result).toBe('good');
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
