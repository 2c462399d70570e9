import sharp, { type Sharp } from 'sharp';

/** What the judge ought to say of a photo; `good`: nothing. */
export const LABELS = [
  'good',
  'blurred',
  'too_dark',
  'too_bright',
  'obstructed',
  'too_small',
  'near_duplicate',
  'undecodable',
] as const;
export type Label = (typeof LABELS)[number];

export interface LabelledPhoto {
  readonly label: Label;
  /** How it was spoilt. */
  readonly how: string;
  /** Who sends it: those of one camera may repeat each other. */
  readonly camera: string;
  readonly bytes: Buffer;
}

/** The judge looks at this long side, so spoiling is measured in its pixels. */
const LOOK_PX = 1024;

/** Each camera sees a scene once, but for the first, which takes it again at once. */
export const CAMERAS: readonly string[] = Array.from({ length: 14 }, (_, at) => `camera-${at}`);
const FIRST = 'camera-0';

const JPEG_END = Uint8Array.of(0xff, 0xd9);

/**
 * The photo as it is, as a worker spoils it (out of focus, moved, dark, bright, covered, cropped to
 * next to nothing, small), taken again a moment later, cropped to its middle, which is no fault, and
 * damaged. Those that are alike come one after the other.
 */
export async function spoil(photo: Buffer): Promise<LabelledPhoto[]> {
  const bytes = await sharp(photo).rotate().jpeg({ quality: 90 }).toBuffer();
  const { width, height } = await sharp(bytes).metadata();
  // Never finer than the photo's own pixels.
  const pixel = Math.max(1, Math.max(width, height) / LOOK_PX);
  const open = () => sharp(bytes);
  const cover = (share: number, colour: string) => {
    const far = Math.round(width * share);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
      <filter id="soft"><feGaussianBlur stdDeviation="${width / 60}"/></filter>
      <rect x="${-width}" y="${-height}" width="${width + far}" height="${3 * height}"
        fill="${colour}" filter="url(#soft)"/></svg>`;
    return open().composite([{ input: Buffer.from(svg) }]);
  };
  const middle = (share: number) => ({
    left: Math.floor((width * (1 - share)) / 2),
    top: Math.floor((height * (1 - share)) / 2),
    width: Math.max(1, Math.floor(width * share)),
    height: Math.max(1, Math.floor(height * share)),
  });
  // A hand has moved by four of the judge's pixels.
  const shift = Math.round(4 * pixel);
  const again = { left: shift, top: shift, width: width - shift, height: height - shift };
  const torn = {
    width,
    height: Math.round(height / 3),
    channels: 3,
    background: '#808080',
  } as const;
  const made: readonly [Label, string, Sharp][] = [
    ['good', 'as it is', open()],
    ['near_duplicate', 'taken again', open().extract(again).linear(1.05, 0)],
    ['good', 'cropped to its middle', open().extract(middle(0.7))],
    ['blurred', 'out of focus', open().blur(3 * pixel)],
    ['blurred', 'far out of focus', open().blur(8 * pixel)],
    ['blurred', 'moved', await moved(bytes, Math.round(24 * pixel))],
    ['too_dark', 'an eighth of the light', open().linear(0.12, 0)],
    ['too_bright', 'sun in the lens', open().linear(0.5, 170)],
    ['obstructed', 'a thumb over a third', cover(0.37, '#a5694f')],
    ['obstructed', 'a leaf over half', cover(0.5, '#4c6b32')],
    [
      'obstructed',
      'the lower third torn off',
      open().composite([{ input: { create: torn }, gravity: 'south' }]),
    ],
    ['too_small', 'a preview', open().resize(160, 160, { fit: 'inside' })],
    ['too_small', 'cropped to a leaf', open().extract(middle(240 / Math.max(width, height)))],
  ];
  const drawn = made.map(async ([label, how, image], at): Promise<LabelledPhoto> => {
    const camera = label === 'near_duplicate' ? FIRST : CAMERAS[at]!;
    return { label, how, camera, bytes: await image.jpeg({ quality: 90 }).toBuffer() };
  });
  // The head says what it is, its end is marked, and between them is nothing.
  const broken = Buffer.concat([bytes.subarray(0, bytes.length / 50), JPEG_END]);
  const damaged = { label: 'undecodable', how: 'damaged', camera: CAMERAS.at(-1)! } as const;
  return [...(await Promise.all(drawn)), { ...damaged, bytes: broken }];
}

/** Each pixel becomes the mean of the `length` pixels to its right: the camera was moved. */
async function moved(bytes: Buffer, length: number): Promise<Sharp> {
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const target = Buffer.alloc(data.length);
  for (let y = 0; y < height; y++) {
    for (let channel = 0; channel < channels; channel++) {
      // Beyond the right edge its last pixel goes on.
      const at = (x: number) => (y * width + Math.min(x, width - 1)) * channels + channel;
      let sum = 0;
      for (let x = 0; x < length; x++) sum += data[at(x)] as number;
      for (let x = 0; x < width; x++) {
        target[at(x)] = sum / length;
        sum += (data[at(x + length)] as number) - (data[at(x)] as number);
      }
    }
  }
  return sharp(target, { raw: { width, height, channels } });
}
