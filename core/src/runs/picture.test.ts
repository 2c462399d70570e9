import { describe, expect, test } from 'bun:test';
import sharp from 'sharp';
import { drawOverlay } from './picture.ts';

const detections = {
  class_names: ['<b>&"cactus"', 'pot'],
  boxes: [100, 100, 200, 200, 300, 50, 340, 90, 10, 10, 30, 30],
  confidences: [0.9, 0.8, 0.7],
  class_ids: [0, 1, 0],
};

describe('the overlay', () => {
  test('has a circle an object, at the scale of the picture', () => {
    const svg = drawOverlay(detections, { width: 800, height: 400 }, { width: 400, height: 200 });
    expect(svg).toContain('<circle cx="75" cy="75" r="25"');
    expect(svg.match(/fill="#e69f00" stroke/g)).toHaveLength(2);
    expect(svg).toContain('3 counted');
  });

  test('shows class names of strangers as text, and is an image', async () => {
    const svg = drawOverlay(detections, { width: 800, height: 400 }, { width: 800, height: 400 });
    expect(svg).not.toContain('<b>');
    const { data, info } = await sharp(Buffer.from(svg))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const alphaAt = (x: number, y: number) => data[(y * info.width + x) * info.channels + 3];
    expect(alphaAt(150, 150)).toBeGreaterThan(60);
    expect(alphaAt(700, 350)).toBe(0);
  });

  test('of nothing says 0', () => {
    const none = { class_names: [], boxes: [], confidences: [], class_ids: [] };
    const svg = drawOverlay(none, { width: 80, height: 40 }, { width: 80, height: 40 });
    expect(svg).toContain('0 counted');
  });
});
