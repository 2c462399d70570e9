import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openUpright } from './decode.ts';

/** What the page needs of a photo, made in the judge process. */

const PREVIEW_QUALITY = 70;
/** Tags are found at this long side in a fraction of the time that the full frame takes. */
const TAGS_LONG_SIDE_PX = 2000;
/** A tray of labelled pots has dozens; nobody picks from more. */
const TAGS_MAX = 20;

export async function makePreview(
  path: string,
  mediaType: string,
  longSidePx: number,
): Promise<Uint8Array> {
  const picture = await openUpright(path, mediaType, longSidePx);
  return await picture
    .flatten({ background: 'white' })
    .webp({ quality: PREVIEW_QUALITY })
    .toBuffer();
}

/** Each text once. */
export async function readTags(path: string, mediaType: string): Promise<string[]> {
  const picture = await openUpright(path, mediaType, TAGS_LONG_SIDE_PX);
  const { data, info } = await picture
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { readBarcodes } = await loadReader();
  const { buffer, byteOffset, byteLength } = data;
  const image = {
    data: new Uint8ClampedArray(buffer, byteOffset, byteLength),
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

/** Loaded when first needed: a box whose workers never scan spares its memory. */
async function loadReader() {
  const reader = await import('zxing-wasm/reader');
  // The package would fetch its WebAssembly from a CDN.
  const path = fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm'));
  const wasmBinary = Uint8Array.from(readFileSync(path)).buffer;
  reader.prepareZXingModule({ overrides: { wasmBinary } });
  return reader;
}
