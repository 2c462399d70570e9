import sharp, { type Sharp } from 'sharp';
import type { Random } from './random.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

type Rgb = readonly [number, number, number];

/** What lies under the plants. Each is an opaque RGB picture of `size`. */
export type Ground = (size: Size, random: Random) => Promise<Sharp>;

/** Potting soil: coarse crumbs over fine grains, a few pale bits of bark and perlite. */
export const soil: Ground = async (size, random) => {
  const base = await noise(size, random, [60, 18, 6, 2], [70, 52, 40], 44);
  return composite(base, specks(size, random, { count: 900, radius: [1, 3.5], light: [35, 75] }));
};

/** Gravel: stones side by side, each lit from above left. */
export const gravel: Ground = async (size, random) => {
  const base = await noise(size, random, [40, 8, 3], [92, 86, 78], 26);
  const stones: string[] = [];
  const step = 15;
  for (let y = -step; y < size.height + step; y += step * 0.8) {
    for (let x = -step; x < size.width + step; x += step) {
      const radius = random.between(5, 10);
      const light = random.between(38, 78);
      const hue = random.pick([30, 35, 25, 210, 40]);
      const cx = x + random.normal() * 4;
      const cy = y + random.normal() * 4;
      const turn = random.between(0, 180).toFixed(0);
      const squash = random.between(0.6, 0.95);
      const ellipse = (dx: number, dy: number, r: number, l: number) =>
        `<ellipse cx="${(cx + dx).toFixed(1)}" cy="${(cy + dy).toFixed(1)}" rx="${r.toFixed(1)}" ry="${(r * squash).toFixed(1)}" transform="rotate(${turn} ${cx.toFixed(1)} ${cy.toFixed(1)})" fill="hsl(${hue},10%,${l.toFixed(0)}%)"/>`;
      stones.push(ellipse(1.5, 2, radius, light * 0.35), ellipse(0, 0, radius, light));
      stones.push(ellipse(-1, -1.4, radius * 0.55, Math.min(94, light * 1.14)));
    }
  }
  return composite(base, svg(size, stones.join('')));
};

/** Woven ground cloth: dark threads crossing, with crumbs of soil spilt on it. */
export const cloth: Ground = async (size, random) => {
  const pixels = new Uint8Array(size.width * size.height * 3);
  const fray = Float32Array.from({ length: 4096 }, () => random.normal());
  for (let y = 0, i = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, i += 3) {
      const over = (Math.floor(x / 5) + Math.floor(y / 5)) % 2 === 0;
      const thread = Math.sin(((over ? x : y) % 5) * 1.256) * 7;
      const value = 44 + thread + (over ? 7 : 0) + fray[(x * 31 + y * 17) & 4095]! * 5;
      pixels[i] = value * 0.96;
      pixels[i + 1] = value * 1.02;
      pixels[i + 2] = value;
    }
  }
  const base = sharp(pixels, { raw: { ...size, channels: 3 } });
  return composite(base, specks(size, random, { count: 420, radius: [0.8, 3], light: [20, 45] }));
};

/** Planed boards of a greenhouse bench. */
export const bench: Ground = async (size, random) => {
  const base = await noise(size, random, [200, 9, 3], [150, 126, 98], 22);
  const lines: string[] = [];
  for (let y = 0; y < size.height; y += 210) {
    lines.push(`<rect x="0" y="${y}" width="${size.width}" height="7" fill="#2a2119"/>`);
    for (let grain = 0; grain < 26; grain++) {
      const at = y + random.between(8, 208);
      const bend = at + random.between(-6, 6);
      lines.push(
        `<path d="M0 ${at.toFixed(0)} Q ${size.width / 2} ${bend.toFixed(0)} ${size.width} ${at.toFixed(0)}" stroke="#3d2d1c" stroke-opacity="${random.between(0.08, 0.3).toFixed(2)}" stroke-width="${random.between(0.6, 2).toFixed(1)}" fill="none"/>`,
      );
    }
  }
  return composite(base, svg(size, lines.join('')));
};

export function svg(size: Size, content: string): Buffer {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">${content}</svg>`,
  );
}

async function composite(base: Sharp, over: Buffer): Promise<Sharp> {
  const { data, info } = await base
    .composite([{ input: over }])
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } });
}

/** Sum of enlarged random grids, coarse to fine, around the colour `mean` (0–255). */
async function noise(
  size: Size,
  random: Random,
  cells: readonly number[],
  mean: Rgb,
  spread: number,
): Promise<Sharp> {
  const sum = new Float32Array(size.width * size.height);
  for (const cell of cells) {
    const width = Math.max(2, Math.ceil(size.width / cell));
    const height = Math.max(2, Math.ceil(size.height / cell));
    const grid = Uint8Array.from({ length: width * height }, () => random.next() * 256);
    const layer = await sharp(grid, { raw: { width, height, channels: 1 } })
      .resize(size.width, size.height, { fit: 'fill', kernel: 'cubic' })
      .extractChannel(0)
      .raw()
      .toBuffer();
    for (let i = 0; i < sum.length; i++) sum[i]! += (layer[i]! - 128) / 128 / cells.length;
  }
  const pixels = new Uint8Array(sum.length * 3);
  for (let i = 0; i < sum.length; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = mean[channel]! + sum[i]! * spread * 2.4;
      pixels[i * 3 + channel] = Math.max(0, Math.min(255, value));
    }
  }
  return sharp(pixels, { raw: { ...size, channels: 3 } });
}

interface Specks {
  readonly count: number;
  readonly radius: readonly [number, number];
  /** Lightness in percent. */
  readonly light: readonly [number, number];
}

function specks(size: Size, random: Random, { count, radius, light }: Specks): Buffer {
  const parts = Array.from({ length: count }, () => {
    const x = random.between(0, size.width).toFixed(1);
    const y = random.between(0, size.height).toFixed(1);
    const r = random.between(...radius);
    return `<ellipse cx="${x}" cy="${y}" rx="${r.toFixed(1)}" ry="${(r * 0.7).toFixed(1)}" fill="hsl(30,18%,${random.between(...light).toFixed(0)}%)" fill-opacity="0.85"/>`;
  });
  return svg(size, parts.join(''));
}
