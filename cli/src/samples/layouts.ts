import type { Size } from './grounds.ts';
import type { Plant } from './plants.ts';
import type { Random } from './random.ts';
import type { Spot } from './scene.ts';

export interface Grid {
  readonly size: Size;
  readonly columns: number;
  readonly rows: number;
  /** Between centres, in pixels. */
  readonly pitch: number;
  /** Of a plant, relative to the pitch. */
  readonly radius: readonly [number, number];
  readonly plants: readonly Plant[];
  /** Cells without a plant, counted row by row from 0. */
  readonly empty?: readonly number[];
  readonly pot: (x: number, y: number, pitch: number) => string;
  readonly jitter?: number;
}

/** Pots in rows and columns, in the middle of the picture. */
export function grid(options: Grid, random: Random): Spot[] {
  const { size, columns, rows, pitch } = options;
  const left = (size.width - (columns - 1) * pitch) / 2;
  const top = (size.height - (rows - 1) * pitch) / 2;
  return Array.from({ length: columns * rows }, (_, index) => {
    const jitter = () => random.normal() * (options.jitter ?? 0) * pitch;
    const x = left + (index % columns) * pitch + jitter();
    const y = top + Math.floor(index / columns) * pitch + jitter();
    const empty = options.empty?.includes(index) ?? false;
    return {
      x: x + random.normal() * pitch * 0.02,
      y: y + random.normal() * pitch * 0.02,
      radius: empty ? 0 : pitch * random.between(...options.radius),
      plant: random.pick(options.plants),
      pot: options.pot(x, y, pitch),
    };
  });
}

export interface Scatter {
  readonly size: Size;
  readonly count: number;
  readonly radius: readonly [number, number];
  readonly plants: readonly Plant[];
}

/** Plants set freely into the ground, none touching another or the edge. */
export function scatter(options: Scatter, random: Random): Spot[] {
  const spots: Spot[] = [];
  for (let tries = 0; spots.length < options.count && tries < 20_000; tries++) {
    const radius = random.between(...options.radius);
    const x = random.between(radius * 1.3, options.size.width - radius * 1.3);
    const y = random.between(radius * 1.3, options.size.height - radius * 1.3);
    const free = spots.every(
      (other) => Math.hypot(other.x - x, other.y - y) > (other.radius + radius) * 1.16,
    );
    if (free) spots.push({ x, y, radius, plant: random.pick(options.plants), pot: '' });
  }
  return spots;
}

const SOIL = '#33271d';

/** A square pot of black plastic, with soil and a lit rim. */
export function squarePot(x: number, y: number, pitch: number): string {
  const outer = pitch * 0.94;
  const inner = pitch * 0.82;
  const box = (side: number, fill: string, extra = '') =>
    `<rect x="${(x - side / 2).toFixed(1)}" y="${(y - side / 2).toFixed(1)}" width="${side.toFixed(1)}" height="${side.toFixed(1)}" rx="${(side * 0.08).toFixed(1)}" fill="${fill}" ${extra}/>`;
  return (
    box(outer, '#1b1b1d', 'stroke="#4a4a4e" stroke-width="2"') +
    box(inner, SOIL) +
    crumbs(x, y, inner * 0.44, pitch)
  );
}

/** A round pot of fired clay. */
export function clayPot(x: number, y: number, pitch: number): string {
  return roundPot(x, y, pitch * 0.46, ['#a2593a', '#7b3f27']);
}

/** A round pot of black plastic. */
export function blackPot(x: number, y: number, pitch: number): string {
  return roundPot(x, y, pitch * 0.46, ['#2a2a2c', '#151516']);
}

function roundPot(x: number, y: number, radius: number, [rim, wall]: readonly string[]): string {
  const circle = (r: number, fill: string, dx = 0) =>
    `<circle cx="${(x + dx).toFixed(1)}" cy="${(y + dx).toFixed(1)}" r="${r.toFixed(1)}" fill="${fill}"/>`;
  return (
    circle(radius, '#000000', radius * 0.06).replace('/>', ' fill-opacity="0.45"/>') +
    circle(radius, rim!) +
    circle(radius * 0.9, wall!) +
    circle(radius * 0.86, SOIL) +
    crumbs(x, y, radius * 0.8, radius)
  );
}

/** Grains of the soil in a pot; the same for the same place. */
function crumbs(x: number, y: number, reach: number, seed: number): string {
  const parts: string[] = [];
  for (let i = 0; i < 46; i++) {
    const angle = i * 2.4 + seed;
    const distance = reach * Math.sqrt((i + 0.5) / 46);
    const light = 14 + ((i * 37 + Math.floor(x)) % 22);
    parts.push(
      `<circle cx="${(x + Math.cos(angle) * distance).toFixed(1)}" cy="${(y + Math.sin(angle) * distance).toFixed(1)}" r="${(1.4 + (i % 4)).toFixed(1)}" fill="hsl(28,24%,${light}%)"/>`,
    );
  }
  return parts.join('');
}
