import { readFile } from 'node:fs/promises';
import exifr from 'exifr';
import sharp from 'sharp';
import type { ExifFacts } from '../buffer/journal.ts';

const NONE: ExifFacts = {
  captured_at: null,
  captured_at_local: null,
  position: null,
  orientation: null,
  exposure_s: null,
};

const TAGS = [
  'DateTimeOriginal',
  'ExposureTime',
  'OffsetTimeOriginal',
  'Orientation',
  'GPSLatitude',
  'GPSLatitudeRef',
  'GPSLongitude',
  'GPSLongitudeRef',
  'GPSHPositioningError',
];

/** Time, place and rotation that the camera wrote. What is missing or nonsense is null. */
export async function readExif(path: string, mediaType: string): Promise<ExifFacts> {
  try {
    // exifr knows no WebP; sharp hands out its EXIF block, behind a six-byte prefix or bare.
    const block = mediaType === 'image/webp' ? await webpBlock(path) : await readFile(path);
    if (!block) return NONE;
    const found: unknown = await exifr.parse(block, {
      pick: TAGS,
      translateValues: false,
      reviveValues: false,
    });
    return toFacts((found ?? {}) as Record<string, unknown>);
  } catch {
    return NONE;
  }
}

async function webpBlock(path: string): Promise<Buffer | undefined> {
  const { exif } = await sharp(path).metadata();
  return exif?.subarray(0, 4).toString('latin1') === 'Exif' ? exif.subarray(6) : exif;
}

export function toFacts(tags: Record<string, unknown>): ExifFacts {
  const local = parseLocalTime(tags.DateTimeOriginal);
  const zone = parseZone(tags.OffsetTimeOriginal);
  const utc = local && zone ? toUtc(`${local}${zone}`) : null;
  const orientation = Number(tags.Orientation);
  const exposure = Number(tags.ExposureTime);
  return {
    captured_at: utc,
    captured_at_local: utc ? null : local,
    position: parsePosition(tags),
    orientation: orientation >= 1 && orientation <= 8 ? orientation : null,
    exposure_s: exposure > 0 && Number.isFinite(exposure) ? exposure : null,
  };
}

/** Null for a zone that is none, as +99:99. */
function toUtc(text: string): string | null {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** `2024:05:01 10:20:30` as `2024-05-01T10:20:30`; cameras without a clock write zeros. */
export function parseLocalTime(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const match = /^(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)/.exec(value);
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const time = new Date(`${text}Z`);
  const real = !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
  return real && Number(year) >= 1990 ? text : null;
}

function parseZone(value: unknown): string | null {
  return typeof value === 'string' && /^[+-]\d\d:\d\d$/.test(value) ? value : null;
}

/** Degrees, minutes and seconds with a hemisphere; NaN, zero-zero and impossible values are none. */
export function parsePosition(tags: Record<string, unknown>): ExifFacts['position'] {
  const latitude = parseDegrees(tags.GPSLatitude, tags.GPSLatitudeRef, 'S');
  const longitude = parseDegrees(tags.GPSLongitude, tags.GPSLongitudeRef, 'W');
  if (latitude === null || longitude === null) return null;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
  // A receiver without a fix writes 0, 0, which lies in the sea.
  if (latitude === 0 && longitude === 0) return null;
  const error = Number(tags.GPSHPositioningError);
  return error > 0 && Number.isFinite(error)
    ? { longitude, latitude, accuracy_m: error }
    : { longitude, latitude };
}

function parseDegrees(value: unknown, reference: unknown, negative: string): number | null {
  if (!Array.isArray(value) || value.length < 2) return null;
  const [degrees, minutes, seconds = 0] = value.map(Number);
  const sum = (degrees ?? Number.NaN) + (minutes ?? Number.NaN) / 60 + (seconds ?? 0) / 3600;
  if (!Number.isFinite(sum)) return null;
  return reference === negative ? -sum : sum;
}
