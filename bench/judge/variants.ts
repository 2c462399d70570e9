import sharp, { type Sharp } from 'sharp';

/** What the judge ought to say of a photo; `good`: nothing. */
export const LABELS = [
  'good',
  'blurred',
  'too_dark',
  'too_bright',
  'obstructed',
  'too_small',
] as const;
export type Label = (typeof LABELS)[number];

export interface LabelledPhoto {
  readonly label: Label;
  /** How it was spoilt. */
  readonly how: string;
  readonly bytes: Buffer;
}

/** The judge looks at this long side, so spoiling is measured in its pixels. */
const LOOK_PX = 1024;

/** The photo as it is, and as a worker spoils it: out of focus, moved, dark, bright, covered, small. */
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
  const torn = {
    width,
    height: Math.round(height / 3),
    channels: 3,
    background: '#808080',
  } as const;
  const made: readonly [Label, string, Sharp][] = [
    ['good', 'as it is', open()],
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
  ];
  return await Promise.all(
    made.map(async ([label, how, image]) => ({
      label,
      how,
      bytes: await image.jpeg({ quality: 90 }).toBuffer(),
    })),
  );
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
