import { AppError } from '@demeter/common/errors';
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { enlarge, type Kernel } from './enlarge.ts';
import type { RawImage, Size } from './geometry.ts';
import { decodeHeic, isHeic } from './heic.ts';

// Photos differ: a cache only holds memory. One thread a photo: the model needs the others.
sharp.cache(false);
sharp.concurrency(1);

/** A photo that can be decoded at any size. */
export interface Photo extends Size {
  /** The whole upright photo at `size`, antialiased. Throws UNDECODABLE_PHOTO. */
  decode(size: Size, kernel: Kernel): Promise<RawImage>;
}

type FailOn = 'warning' | 'error';

const FORMATS = ['jpeg', 'png', 'webp'];

/**
 * Reads the header of a JPEG, PNG or WebP photo, or decodes a HEIC one; `width` and `height` are
 * those of the upright photo. Throws NOT_AN_IMAGE, TOO_MANY_PIXELS, UNDECODABLE_PHOTO.
 */
export async function openPhoto(bytes: Uint8Array, pixelsMax: number): Promise<Photo> {
  if (isHeic(bytes)) {
    const { data, width, height } = await decodeHeic(bytes, pixelsMax);
    const options: SharpOptions = { raw: { width, height, channels: 4 }, limitInputPixels: false };
    return { width, height, decode: decoder({ width, height }, () => sharp(data, options)) };
  }
  // The header alone first, so that the limit answers with its own code.
  const open = (failOn: FailOn) => sharp(bytes, { limitInputPixels: false, failOn });
  const { format, width, height, autoOrient } = await readHeader(open('error'));
  if (!FORMATS.includes(format)) {
    throw new AppError('NOT_AN_IMAGE', `The photo is ${format}; JPEG, PNG, WebP and HEIC work.`);
  }
  if (width * height > pixelsMax) {
    throw new AppError('TOO_MANY_PIXELS', `The photo has ${width} × ${height} pixels.`);
  }
  const upright = { width: autoOrient.width, height: autoOrient.height };
  return { ...upright, decode: decoder(upright, (failOn) => open(failOn).autoOrient()) };
}

/** sharp makes photos smaller; it does not make them larger. */
function decoder(native: Size, open: (failOn: FailOn) => Sharp): Photo['decode'] {
  return async (size, kernel) => {
    const larger = size.width > native.width || size.height > native.height;
    const image = await decodeTolerantly(open, larger ? native : size, kernel);
    return larger ? enlarge(image, size, kernel) : image;
  };
}

async function readHeader(image: Sharp) {
  try {
    return await image.metadata();
  } catch (error) {
    throw new AppError('UNDECODABLE_PHOTO', `The header cannot be read: ${reason(error)}.`, {
      cause: error,
    });
  }
}

/**
 * The decoder warns of a body that ends early, which is a fault, and of stray bytes and odd headers,
 * which are not: phones write those. The edge judges by the same rule.
 */
async function decodeTolerantly(
  open: (failOn: FailOn) => Sharp,
  size: Size,
  kernel: Kernel,
): Promise<RawImage> {
  try {
    return await decodeTo(open('warning'), size, kernel);
  } catch (error) {
    if (/premature end|truncated|end of (file|stream)/i.test(String(error))) throw fault(error);
  }
  try {
    return await decodeTo(open('error'), size, kernel);
  } catch (error) {
    throw fault(error);
  }
}

async function decodeTo(image: Sharp, size: Size, kernel: Kernel): Promise<RawImage> {
  const { data, info } = await image
    // Shrinking to the last factor while the JPEG is decoded is faster, but lost an object on a
    // 16 MP photo of data/golden.
    .resize(size.width, size.height, { fit: 'fill', kernel, fastShrinkOnLoad: false })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

function fault(cause: unknown): AppError {
  return new AppError('UNDECODABLE_PHOTO', `The photo cannot be decoded: ${reason(cause)}.`, {
    cause,
  });
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
