import exifr from 'exifr';
import sharp from 'sharp';
import { type CaptureTime, parseExifTime } from './captured-at.ts';

/** Where a photo was taken, SRID 4326. */
export interface Position {
  readonly longitude: number;
  readonly latitude: number;
  /** Radius in metres that the device reports; null where it does not. */
  readonly accuracyM: number | null;
}

/** What a photo says of itself; stored with it. */
export interface PhotoMetadata extends CaptureTime {
  readonly make: string | null;
  readonly model: string | null;
}

export interface ReadMetadata {
  readonly metadata: PhotoMetadata;
  readonly position: Position | null;
  /** Of the upright photo; null where its header cannot be decoded. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** Why the photo cannot be decoded; null: nothing speaks against it yet. */
  readonly fault: string | null;
}

const NONE: PhotoMetadata = {
  captured_at: null,
  captured_at_local: null,
  make: null,
  model: null,
};

/** Reads header and EXIF of a photo on disk; nothing in them is trusted, and nothing throws. */
export async function readMetadata(path: string): Promise<ReadMetadata> {
  const [header, exif] = await Promise.all([readHeader(path), readExif(path)]);
  return { ...header, ...exif };
}

async function readHeader(path: string): Promise<Pick<ReadMetadata, 'size' | 'fault'>> {
  try {
    const { autoOrient } = await sharp(path, { limitInputPixels: false }).metadata();
    return { size: { width: autoOrient.width, height: autoOrient.height }, fault: null };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const fault = (text.split('\n')[0] ?? '').replaceAll(path, 'the photo').slice(0, 200);
    return { size: null, fault: `The header cannot be decoded: ${fault}` };
  }
}

async function readExif(path: string): Promise<Pick<ReadMetadata, 'metadata' | 'position'>> {
  let tags: Record<string, unknown>;
  try {
    tags =
      (await exifr.parse(path, {
        tiff: true,
        exif: true,
        gps: true,
        reviveValues: false,
        translateValues: false,
      })) ?? {};
  } catch {
    return { metadata: NONE, position: null };
  }
  const time = parseExifTime(
    tags.DateTimeOriginal ?? tags.CreateDate,
    tags.OffsetTimeOriginal ?? tags.OffsetTime,
  );
  return {
    metadata: { ...time, make: toText(tags.Make), model: toText(tags.Model) },
    position: toPosition(tags.longitude, tags.latitude, tags.GPSHPositioningError),
  };
}

/** Null where a coordinate is missing, no number (cameras without a fix write NaN), or off Earth. */
export function toPosition(
  longitude: unknown,
  latitude: unknown,
  accuracyM: unknown,
): Position | null {
  if (typeof longitude !== 'number' || typeof latitude !== 'number') return null;
  if (!(Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90)) return null;
  // Exactly 0, 0 is what a device writes that has no fix; it lies in the sea.
  if (longitude === 0 && latitude === 0) return null;
  const known = typeof accuracyM === 'number' && accuracyM >= 0 && accuracyM < 100_000;
  return { longitude, latitude, accuracyM: known ? accuracyM : null };
}

function toText(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  // PostgreSQL holds no NUL in a text.
  const text = value.replaceAll('\0', '').trim().slice(0, 100);
  return text === '' ? null : text;
}
