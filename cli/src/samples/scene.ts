import sharp from 'sharp';
import { type Ground, type Size, svg } from './grounds.ts';
import type { Plant } from './plants.ts';
import type { Random } from './random.ts';

/** One thing that stands in the scene. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  /** Of the plant; 0: the pot is empty. */
  readonly radius: number;
  readonly plant: Plant;
  /** Drawn under the plant; SVG in the scene's pixels. */
  readonly pot: string;
}

export interface Scene {
  readonly size: Size;
  readonly ground: Ground;
  readonly spots: readonly Spot[];
  /** Under the pots, e.g. the tray that holds them. */
  readonly below?: string;
}

export interface Camera {
  /** Gaussian blur in pixels; the lens itself has about 0.6. */
  readonly blur: number;
  /** Standard deviation of the sensor's noise in grey levels. */
  readonly noise: number;
  readonly quality: number;
}

export const GOOD_CAMERA: Camera = { blur: 0.6, noise: 4, quality: 88 };

/** How many plants the scene shows: the truth that a count is compared with. */
export function plantsIn(scene: Scene): number {
  return scene.spots.filter((spot) => spot.radius > 0).length;
}

/** Draws a scene as the camera sees it: raw RGB. */
export async function photograph(
  scene: Scene,
  camera: Camera,
  random: Random,
): Promise<{ data: Buffer; info: { width: number; height: number; channels: 3 } }> {
  const { size } = scene;
  const plants = scene.spots
    .filter((spot) => spot.radius > 0)
    .map(
      (spot) =>
        `<g transform="translate(${spot.x.toFixed(1)} ${spot.y.toFixed(1)})">${spot.plant(spot.radius, random)}</g>`,
    );
  const pots = (scene.below ?? '') + scene.spots.map((spot) => spot.pot).join('');
  const ground = await scene.ground(size, random);
  const picture = await ground
    .composite([
      { input: svg(size, pots) },
      { input: await shadows(scene) },
      { input: svg(size, plants.join('')) },
      { input: light(size) },
    ])
    .removeAlpha()
    .raw()
    .toBuffer();
  const lens = sharp(picture, { raw: { ...size, channels: 3 } }).blur(camera.blur);
  const data = await lens.raw().toBuffer();
  addNoise(data, camera.noise, random);
  return { data, info: { ...size, channels: 3 } };
}

/** Soft shadows of the plants, to the lower right. */
async function shadows({ size, spots }: Scene): Promise<Buffer> {
  const discs = spots
    .filter((spot) => spot.radius > 0)
    .map(
      ({ x, y, radius }) =>
        `<circle cx="${(x + radius * 0.12).toFixed(1)}" cy="${(y + radius * 0.16).toFixed(1)}" r="${(radius * 0.86).toFixed(1)}" fill="#000" fill-opacity="0.5"/>`,
    );
  return await sharp(svg(size, discs.join('')))
    .blur(9)
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** Daylight from one corner, and a lens that darkens towards the edges. */
function light(size: Size): Buffer {
  return svg(
    size,
    `<defs><radialGradient id="v" cx="42%" cy="40%" r="78%"><stop offset="0.45" stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity="0.34"/></radialGradient>
     <linearGradient id="s" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#fff6dc" stop-opacity="0.16"/><stop offset="0.6" stop-color="#fff6dc" stop-opacity="0"/></linearGradient></defs>
     <rect width="100%" height="100%" fill="url(#s)"/><rect width="100%" height="100%" fill="url(#v)"/>`,
  );
}

function addNoise(data: Buffer, deviation: number, random: Random): void {
  const table = Float32Array.from({ length: 8192 }, () => random.normal() * deviation);
  let at = 0;
  for (let i = 0; i < data.length; i++) {
    // A step that is prime to the table's length, changed by the pixel, hides the repetition.
    at = (at + 1 + (data[i]! & 7)) & 8191;
    data[i] = Math.max(0, Math.min(255, data[i]! + table[at]!));
  }
}
