/** Looks at photos in a Worker: decoding HEIC and searching for tags block the thread. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import libheif from 'libheif-js/wasm-bundle.js';
import sharp, { type Sharp } from 'sharp';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';

declare const self: Worker;

export type EyeRequest = {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly heic: boolean;
  /** Long side in pixels at which the photo is looked at; it is never enlarged. */
  readonly longSideMax: number;
  readonly task: 'tags' | 'preview';
};

export type EyeAnswer =
  | { readonly id: number; readonly task: 'tags'; readonly texts: readonly string[] }
  | {
      readonly id: number;
      readonly task: 'preview';
      readonly width: number;
      readonly height: number;
      /** Interleaved RGB, upright. */
      readonly data: Uint8Array<ArrayBuffer>;
    }
  | { readonly id: number; readonly task: 'failed'; readonly message: string };

/** Tags of a bench in one photo: a tray of labelled pots has dozens (77 in one of data/). */
const TAGS_MAX = 100;

sharp.cache(false);
sharp.concurrency(1);
// The package would fetch its WebAssembly from a CDN.
const wasm = readFileSync(
  fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm')),
);
prepareZXingModule({ overrides: { wasmBinary: toArrayBuffer(wasm) } });

self.onmessage = async ({ data: request }: MessageEvent<EyeRequest>) => {
  const { id, task } = request;
  try {
    if (task === 'tags') self.postMessage({ id, task, texts: await searchTags(request) });
    else {
      const { data, info } = await (await open(request))
        .removeAlpha()
        .toColourspace('srgb')
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
      const rgb = new Uint8Array(toArrayBuffer(data));
      const { width, height } = info;
      self.postMessage({ id, task, width, height, data: rgb }, [rgb.buffer]);
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const message = (text.split('\n')[0] ?? '').slice(0, 200);
    self.postMessage({ id, task: 'failed', message });
  }
  // The pixels of a look lie outside the heap, so the collector does not feel their weight: three
  // photos of 20 megapixels one after the other would stand side by side in memory.
  Bun.gc(true);
};

/** The upright photo, its long side at most `longSideMax`. */
async function open({ bytes, heic, longSideMax }: EyeRequest): Promise<Sharp> {
  const image = heic
    ? await decodeHeic(bytes)
    : sharp(bytes, { limitInputPixels: false, failOn: 'none' });
  return image
    .autoOrient()
    .resize(longSideMax, longSideMax, { fit: 'inside', withoutEnlargement: true });
}

async function decodeHeic(bytes: Uint8Array): Promise<Sharp> {
  const [image] = new libheif.HeifDecoder().decode(bytes);
  if (!image) throw new Error('the file holds no image');
  const width = image.get_width();
  const height = image.get_height();
  const data = new Uint8ClampedArray(width * height * 4);
  const { promise, resolve } = Promise.withResolvers<unknown>();
  image.display({ data, width, height }, resolve);
  const done = await promise;
  image.free();
  if (!done) throw new Error('the image data is damaged');
  return sharp(data, { raw: { width, height, channels: 4 }, limitInputPixels: false });
}

async function searchTags(request: EyeRequest): Promise<string[]> {
  const { data, info } = await (await open(request))
    .removeAlpha()
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const image = {
    data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.byteLength),
    width: info.width,
    height: info.height,
    colorSpace: 'srgb',
  } as Parameters<typeof readBarcodes>[0];
  const found = await readBarcodes(image, {
    formats: ['QRCode', 'DataMatrix'],
    maxNumberOfSymbols: TAGS_MAX,
    tryHarder: true,
  });
  return [...new Set(found.filter((code) => code.isValid).map((code) => code.text.trim()))];
}

function toArrayBuffer(buffer: Uint8Array): ArrayBuffer {
  return buffer.buffer.slice(
    buffer.byteOffset,
    buffer.byteOffset + buffer.byteLength,
  ) as ArrayBuffer;
}
