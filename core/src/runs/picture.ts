import type { PackedDetections } from './detections.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** One colour a class, told apart also by those who see red and green alike (Okabe, Ito 2008). */
const COLOURS = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#d55e00', '#cc79a7', '#0072b2'];
/** Beyond so many classes the legend would cover the photo. */
const LEGEND_CLASSES_MAX = 8;

/**
 * What is drawn over a photo: a translucent circle an object, and a legend with the total, as SVG
 * of `size`. Boxes are in pixels of the upright photo of `original` size.
 */
export function drawOverlay(
  detections: PackedDetections,
  original: PictureSize,
  size: PictureSize,
): string {
  const scale = size.width / original.width;
  const { boxes, class_ids: ids } = detections;
  const circles = ids.map((id, i) => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.slice(4 * i, 4 * i + 4);
    const radius = Math.max(2, (Math.min(x2 - x1, y2 - y1) * scale) / 2);
    const [x, y] = [((x1 + x2) / 2) * scale, ((y1 + y2) / 2) * scale];
    const colour = colourOf(id);
    return `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${colour}" stroke="${colour}"/>`;
  });
  const stroke = Math.max(1, Math.round(size.width / 700));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">`,
    `<g fill-opacity="0.35" stroke-opacity="0.9" stroke-width="${stroke}">${circles.join('')}</g>`,
    drawLegend(detections, size),
    '</svg>',
  ].join('');
}

function drawLegend({ class_ids: ids, class_names: names }: PackedDetections, size: PictureSize) {
  const font = Math.max(12, Math.round(Math.min(size.width, size.height) / 32));
  const counted = names
    .map((name, id) => ({ name, id, count: ids.filter((other) => other === id).length }))
    .filter((entry) => entry.count > 0)
    .sort((a, b) => b.count - a.count);
  const shown = counted.length > 1 ? counted.slice(0, LEGEND_CLASSES_MAX) : [];
  const lines = [
    { text: `${ids.length} counted`, colour: undefined },
    ...shown.map(({ name, id, count }) => ({ text: `${count} ${name}`, colour: colourOf(id) })),
  ];
  const line = Math.round(font * 1.4);
  const longest = Math.max(...lines.map(({ text }) => text.length));
  const width = Math.min(size.width, Math.round(font * (longest * 0.62 + 2.4)));
  const rows = lines.map(({ text, colour }, i) => {
    const y = Math.round(font * 0.5 + line * (i + 0.8));
    const dot = colour
      ? `<circle cx="${font}" cy="${Math.round(y - font * 0.35)}" r="${round(font * 0.35)}" fill="${colour}"/>`
      : '';
    const x = Math.round(colour ? font * 1.8 : font * 0.7);
    return `${dot}<text x="${x}" y="${y}">${escapeXml(text)}</text>`;
  });
  return [
    `<rect width="${width}" height="${Math.round(font * 0.6 + line * lines.length)}" fill="#000" fill-opacity="0.6"/>`,
    `<g font-family="DejaVu Sans, Liberation Sans, sans-serif" font-size="${font}" fill="#fff">${rows.join('')}</g>`,
  ].join('');
}

function colourOf(id: number): string {
  return COLOURS[id % COLOURS.length] ?? '#e69f00';
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Class names come from files of others. */
function escapeXml(text: string): string {
  return text.replace(/[<>&"'\p{Cc}]/gu, (character) => `&#${character.codePointAt(0)};`);
}
