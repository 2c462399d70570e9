import { type Colour, css, shade } from './colour.ts';
import type { Random } from './random.ts';

/** Draws one plant from above, centred on 0,0 and reaching to `radius`; SVG. */
export type Plant = (radius: number, random: Random) => string;

const GOLDEN_ANGLE = 137.508;

/** A rosette of stalked leaves, as young brassicas and Arabidopsis grow. */
export const rosette: Plant = (radius, random) => {
  const green: Colour = { h: random.between(88, 112), s: 0.42, l: random.between(0.34, 0.42) };
  const leaves = random.integer(9, 13);
  const turn = random.between(0, 360);
  const parts: string[] = [];
  for (let i = 0; i < leaves; i++) {
    const inner = i / leaves;
    const length = radius * (1 - 0.62 * inner) * random.between(0.92, 1);
    const width = length * random.between(0.4, 0.5);
    const colour = shade(green, inner * 0.13 + random.normal() * 0.02);
    const angle = turn + i * GOLDEN_ANGLE + random.normal() * 5;
    parts.push(turned(angle, spoon(length, width, colour)));
  }
  return parts.join('');
};

/** Thick pointed leaves in rings: an echeveria. */
export const echeveria: Plant = (radius, random) => {
  const kind = random.pick([
    { h: 158, s: 0.2, l: 0.5 },
    { h: 118, s: 0.24, l: 0.46 },
    { h: 170, s: 0.16, l: 0.56 },
  ]);
  const blush: Colour = { h: 345, s: 0.42, l: 0.56 };
  const turn = random.between(0, 360);
  const leaves = 34;
  const parts: string[] = [];
  for (let i = 0; i < leaves; i++) {
    const inner = i / leaves;
    const length = radius * (1 - 0.82 * inner);
    const colour = shade(kind, inner * 0.16 + random.normal() * 0.015);
    const angle = turn + i * GOLDEN_ANGLE;
    parts.push(turned(angle, pointed(length, length * 0.46, colour, blush)));
  }
  return parts.join('');
};

/** A ribbed globe with rows of spines. */
export const globeCactus: Plant = (radius, random) => {
  const green: Colour = { h: random.between(95, 140), s: 0.3, l: random.between(0.3, 0.38) };
  const ribs = random.integer(13, 18);
  const turn = random.between(0, 360);
  const parts = [disc(radius, green)];
  for (let rib = 0; rib < ribs; rib++) {
    const angle = turn + (rib * 360) / ribs;
    const groove = `<path d="M0 0 Q ${n(radius * 0.5)} ${n(radius * 0.05)} ${n(radius * 0.98)} 0" stroke="${css(shade(green, -0.15))}" stroke-width="${n(radius * 0.045)}" fill="none" stroke-opacity="0.8"/>`;
    parts.push(turned(angle, groove));
    for (let along = 0.2; along < 0.98; along += 0.13) {
      parts.push(turned(angle + 180 / ribs, areole(radius * along, radius, random)));
    }
  }
  parts.push(`<circle r="${n(radius * 0.13)}" fill="#e9e1c4" fill-opacity="0.75"/>`);
  return parts.join('');
};

/** Warts in spirals, each with white wool: a mammillaria. */
export const mammillaria: Plant = (radius, random) => {
  const green: Colour = { h: random.between(95, 130), s: 0.26, l: random.between(0.32, 0.4) };
  const parts = [disc(radius, shade(green, -0.08))];
  const warts = 120;
  for (let i = warts; i > 0; i--) {
    const distance = radius * 0.93 * Math.sqrt(i / warts);
    const size = radius * (0.055 + 0.05 * (distance / radius));
    const wart =
      `<circle cx="${n(distance)}" r="${n(size)}" fill="${css(shade(green, 0.05 + random.normal() * 0.02))}"/>` +
      `<circle cx="${n(distance - size * 0.2)}" cy="${n(-size * 0.2)}" r="${n(size * 0.42)}" fill="#f2efe2" fill-opacity="0.85"/>`;
    parts.push(turned(i * GOLDEN_ANGLE, wart));
  }
  return parts.join('');
};

/** Two seed leaves and the first true ones. */
export const seedling: Plant = (radius, random) => {
  const green: Colour = { h: random.between(85, 110), s: 0.5, l: random.between(0.4, 0.48) };
  const turn = random.between(0, 360);
  const pair = (angle: number, length: number, colour: Colour) =>
    turned(angle, spoon(length, length * 0.62, colour)) +
    turned(angle + 180, spoon(length * 0.94, length * 0.6, colour));
  return pair(turn, radius, green) + pair(turn + 90, radius * 0.68, shade(green, 0.06));
};

function n(value: number): string {
  return value.toFixed(1);
}

function turned(angle: number, content: string): string {
  return `<g transform="rotate(${n(angle)})">${content}</g>`;
}

/** A stalked leaf along +x: dark edge, body, light midrib and a sheen. */
function spoon(length: number, width: number, colour: Colour): string {
  const blade = (l: number, w: number) =>
    `M${n(length * 0.06)} 0 C ${n(l * 0.38)} ${n(-w * 0.16)} ${n(l * 0.5)} ${n(-w * 0.62)} ${n(l * 0.8)} ${n(-w * 0.5)} Q ${n(l * 1.04)} ${n(-w * 0.3)} ${n(l)} 0 Q ${n(l * 1.04)} ${n(w * 0.3)} ${n(l * 0.8)} ${n(w * 0.5)} C ${n(l * 0.5)} ${n(w * 0.62)} ${n(l * 0.38)} ${n(w * 0.16)} ${n(length * 0.06)} 0 Z`;
  return (
    `<path d="${blade(length, width)}" fill="${css(shade(colour, -0.1))}"/>` +
    `<path d="${blade(length * 0.97, width * 0.88)}" fill="${css(colour)}"/>` +
    `<path d="M${n(length * 0.5)} ${n(-width * 0.2)} Q ${n(length * 0.75)} ${n(-width * 0.42)} ${n(length * 0.9)} ${n(-width * 0.16)} Z" fill="${css(shade(colour, 0.1))}" fill-opacity="0.55"/>` +
    `<path d="M0 0 L${n(length * 0.92)} 0" stroke="${css(shade(colour, 0.14))}" stroke-width="${n(Math.max(1, width * 0.05))}" stroke-opacity="0.8"/>`
  );
}

function pointed(length: number, width: number, colour: Colour, blush: Colour): string {
  const leaf = (l: number, w: number) =>
    `M0 0 Q ${n(l * 0.35)} ${n(-w * 0.95)} ${n(l * 0.82)} ${n(-w * 0.42)} L ${n(l)} 0 L ${n(l * 0.82)} ${n(w * 0.42)} Q ${n(l * 0.35)} ${n(w * 0.95)} 0 0 Z`;
  return (
    `<path d="${leaf(length, width)}" fill="${css(shade(colour, -0.16))}"/>` +
    `<path d="${leaf(length * 0.975, width * 0.9)}" fill="${css(colour)}"/>` +
    `<path d="M${n(length * 0.3)} ${n(-width * 0.3)} Q ${n(length * 0.6)} ${n(-width * 0.4)} ${n(length * 0.84)} ${n(-width * 0.2)} L ${n(length * 0.6)} 0 Z" fill="${css(shade(colour, 0.1))}" fill-opacity="0.5"/>` +
    `<path d="M${n(length * 0.88)} ${n(-width * 0.28)} L ${n(length)} 0 L ${n(length * 0.88)} ${n(width * 0.28)} Z" fill="${css(blush)}" fill-opacity="0.55"/>`
  );
}

/** A ball lit from above left, as rings of discs. */
function disc(radius: number, colour: Colour): string {
  const steps = 7;
  const parts: string[] = [];
  for (let i = 0; i < steps; i++) {
    const inner = i / steps;
    const offset = -radius * 0.24 * inner;
    parts.push(
      `<circle cx="${n(offset)}" cy="${n(offset)}" r="${n(radius * (1 - inner * 0.86))}" fill="${css(shade(colour, -0.14 + inner * 0.24))}"/>`,
    );
  }
  return parts.join('');
}

function areole(x: number, radius: number, random: Random): string {
  const spines = Array.from({ length: 5 }, () => {
    const angle = random.between(0, 6.283);
    const length = radius * random.between(0.07, 0.14);
    return `M${n(x)} 0 l ${n(Math.cos(angle) * length)} ${n(Math.sin(angle) * length)}`;
  });
  return (
    `<path d="${spines.join(' ')}" stroke="#efe3b8" stroke-width="${n(Math.max(0.8, radius * 0.018))}" stroke-opacity="0.9"/>` +
    `<circle cx="${n(x)}" r="${n(radius * 0.028)}" fill="#f6f0dd"/>`
  );
}
