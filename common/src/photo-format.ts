import { AppError } from './errors.ts';
import { readHeicSize, scanHeicEnd } from './photo-format/heic.ts';
import { readJpegSize, scanJpegEnd } from './photo-format/jpeg.ts';
import { readPngSize, scanPngEnd } from './photo-format/png.ts';
import type { ByteSource, PixelSize } from './photo-format/source.ts';
import { readWebpSize, scanWebpEnd } from './photo-format/webp.ts';

/**
 * What makes bytes acceptable as a photo, the same at edge and core: magic bytes, the size that
 * the header states, and the format's end marker. Nothing is decoded, so a bomb costs nothing;
 * what looks whole and cannot be decoded is found later and quarantined.
 */

export type PhotoFormat = 'jpeg' | 'png' | 'webp' | 'heic';

export const MEDIA_TYPES = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  heic: 'image/heic',
} as const satisfies Record<PhotoFormat, string>;

/** As many first bytes as `sniffFormat` looks at, at most. */
export const SNIFF_BYTES = 64;

export interface PhotoHeader extends PixelSize {
  readonly format: PhotoFormat;
  readonly mediaType: string;
}

export interface PhotoLimits {
  readonly bytesMax: number;
  readonly pixelsMax: number;
}

const FORMATS = {
  jpeg: { readSize: readJpegSize, scanEnd: scanJpegEnd },
  png: { readSize: readPngSize, scanEnd: scanPngEnd },
  webp: { readSize: readWebpSize, scanEnd: scanWebpEnd },
  heic: { readSize: readHeicSize, scanEnd: scanHeicEnd },
} as const;

/** Brands of ISO base media files whose pictures are coded with HEVC (ISO/IEC 23008-12, B.4). */
const HEIC_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);

/** The format by the first bytes, whatever the name says; undefined for everything else. */
export function sniffFormat(head: Uint8Array): PhotoFormat | undefined {
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'jpeg';
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp';
  if (text.slice(4, 8) === 'ftyp' && brandsOf(text).some((brand) => HEIC_BRANDS.has(brand))) {
    return 'heic';
  }
  return undefined;
}

/** Major and compatible brands of an `ftyp` box, as far as the head reaches. */
function brandsOf(text: string): string[] {
  const size = Buffer.from(text.slice(0, 4), 'latin1').readUInt32BE(0);
  const brands = [text.slice(8, 12)];
  for (let at = 16; at + 4 <= Math.min(size, text.length); at += 4) {
    brands.push(text.slice(at, at + 4));
  }
  return brands;
}

/**
 * Checks a whole photo and answers what its header says.
 * Throws EMPTY_PHOTO, PHOTO_TOO_LARGE, NOT_AN_IMAGE, TOO_MANY_PIXELS, TRUNCATED_PHOTO.
 */
export async function checkPhoto(source: ByteSource, limits: PhotoLimits): Promise<PhotoHeader> {
  if (source.size === 0) throw new AppError('EMPTY_PHOTO', 'The photo has no bytes.');
  if (source.size > limits.bytesMax) throw tooLarge(limits.bytesMax);
  const format = sniffFormat(await source.read(0, SNIFF_BYTES));
  if (format === undefined) throw notAnImage();
  const { readSize, scanEnd } = FORMATS[format];
  const size = await readSize(source);
  if (size === 'truncated') throw truncated(format);
  if (size === 'invalid' || size.width === 0 || size.height === 0) {
    throw new AppError('NOT_AN_IMAGE', `The ${format.toUpperCase()} header states no size.`);
  }
  if (size.width * size.height > limits.pixelsMax) {
    throw new AppError(
      'TOO_MANY_PIXELS',
      `The photo has ${size.width} × ${size.height} pixels; the limit is ${limits.pixelsMax}.`,
      { details: { width: size.width, height: size.height, pixels_max: limits.pixelsMax } },
    );
  }
  if (!(await scanEnd(source))) throw truncated(format);
  return { format, mediaType: MEDIA_TYPES[format], width: size.width, height: size.height };
}

export function notAnImage(): AppError {
  return new AppError('NOT_AN_IMAGE', 'These bytes are no JPEG, PNG, WebP or HEIC photo.');
}

export function tooLarge(bytesMax: number): AppError {
  return new AppError('PHOTO_TOO_LARGE', `The photo is larger than ${bytesMax} bytes.`, {
    details: { bytes_max: bytesMax },
  });
}

function truncated(format: PhotoFormat): AppError {
  return new AppError(
    'TRUNCATED_PHOTO',
    `The ${format.toUpperCase()} file ends before its end marker.`,
  );
}
