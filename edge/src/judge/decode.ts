import { readFile } from 'node:fs/promises';
import libheif from 'libheif-js/wasm-bundle';
import sharp, { type Sharp } from 'sharp';

/** The sharpness thresholds hold for this long side. */
export const LONG_SIDE_PX = 1024;

export interface GreyPicture {
  /** Row-major, one byte a pixel. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export class UndecodableError extends Error {}

// One photo at a time in a process of its own: nothing to share a cache or threads with.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Decodes the whole photo, so that a damaged body is found, and answers it grey with a long side
 * of at most 1,024 px. Throws UndecodableError.
 */
export async function decodeGrey(path: string, mediaType: string): Promise<GreyPicture> {
  if (mediaType === 'image/heic') return await toGrey(await decodeHeic(path));
  try {
    return await toGrey(open(path, 'warning'));
  } catch (error) {
    // The decoder warns of a body that ends early, which is a fault, and of a few stray bytes,
    // which are not: cameras write those.
    if (/premature end|truncated|end of (file|stream)/i.test(String(error))) throw toFault(error);
  }
  try {
    return await toGrey(open(path, 'error'));
  } catch (error) {
    throw toFault(error);
  }
}

/** Grey 17 × 16 for the difference hash. */
export async function shrink(picture: GreyPicture, width: number, height: number): Promise<Buffer> {
  const raw = { width: picture.width, height: picture.height, channels: 1 } as const;
  return await sharp(picture.pixels, { raw })
    .resize(width, height, { fit: 'fill' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

function open(path: string, failOn: 'none' | 'warning' | 'error'): Sharp {
  // The header's size was checked when the photo was accepted.
  return sharp(path, { failOn, limitInputPixels: false, sequentialRead: true });
}

/** The upright photo, its long side at most so many pixels; a damaged one as far as it goes. */
export async function openUpright(path: string, mediaType: string, longSidePx: number) {
  const image = mediaType === 'image/heic' ? await decodeHeic(path) : open(path, 'none');
  return image
    .autoOrient()
    .resize(longSidePx, longSidePx, { fit: 'inside', withoutEnlargement: true });
}

async function toGrey(image: Sharp): Promise<GreyPicture> {
  const { data, info } = await image
    .resize(LONG_SIDE_PX, LONG_SIDE_PX, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: 'white' })
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 1) return { pixels: data, width: info.width, height: info.height };
  throw new UndecodableError(`unexpected ${info.channels} channels`);
}

/** sharp's prebuilt libvips reads HEIC headers but has no HEVC decoder; libheif in WebAssembly has. */
async function decodeHeic(path: string): Promise<Sharp> {
  const decoder = new libheif.HeifDecoder();
  const [image] = decoder.decode(await readFile(path));
  if (!image) throw new UndecodableError('no picture inside');
  const width = image.get_width();
  const height = image.get_height();
  const target = { data: new Uint8ClampedArray(width * height * 4), width, height };
  await new Promise<void>((resolve, reject) => {
    image.display(target, (shown: unknown) => {
      if (shown) resolve();
      else reject(new UndecodableError('the picture data are damaged'));
    });
  });
  image.free();
  const pixels = new Uint8Array(target.data.buffer);
  return sharp(pixels, { raw: { width, height, channels: 4 }, limitInputPixels: false });
}

function toFault(error: unknown): UndecodableError {
  const text = error instanceof Error ? error.message : String(error);
  // The decoder's first line, without a path.
  const line = text.split('\n')[0]?.replace(/\/\S+/g, '').trim() ?? '';
  return new UndecodableError(line === '' ? 'no reason given' : line.slice(0, 200));
}
