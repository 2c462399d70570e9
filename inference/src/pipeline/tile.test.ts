import { expect, test } from 'bun:test';
import { fillPixels, fillTile } from '../model/fill-tile.ts';
import { toChannels, ULTRALYTICS } from '../model/preprocessing.ts';
import { planTiles, planWhole } from './tile.ts';

const input = { width: 640, height: 640, open: false };

test('80 tiles cover a 20 MP photo, the last ones shifted inwards', () => {
  const tiles = planTiles({ width: 5184, height: 3888 }, input, 0.2);
  expect(tiles).toHaveLength(80);
  expect(tiles.at(-1)).toMatchObject({ x: 5184 - 640, y: 3888 - 640, width: 640, height: 640 });
});

test('every pixel lies in a tile, and neighbours overlap as asked', () => {
  for (const [width, height, overlap] of [
    [641, 1, 0],
    [1281, 700, 0],
    [3000, 640, 0.25],
    [1000, 5000, 0.5],
  ] as const) {
    const tiles = planTiles({ width, height }, input, overlap);
    for (const [axis, length] of [
      ['x', width],
      ['y', height],
    ] as const) {
      const side = axis === 'x' ? 'width' : 'height';
      const starts = [...new Set(tiles.map((tile) => tile[axis]))];
      const size = tiles[0]![side];
      expect(starts[0]).toBe(0);
      expect(starts.at(-1)! + size).toBe(length);
      for (let i = 1; i < starts.length; i++) {
        expect(starts[i]! - starts[i - 1]!).toBeLessThanOrEqual(Math.floor(640 * (1 - overlap)));
      }
    }
  }
});

test('a small photo takes no more than it needs of a model of open size', () => {
  const photo = { width: 320, height: 213 };
  expect(planTiles(photo, { ...input, open: true }, 0.2)[0]?.canvas).toEqual({
    width: 320,
    height: 224,
  });
  expect(planTiles(photo, input, 0.2)[0]?.canvas).toEqual({ width: 640, height: 640 });
});

test('a whole photo stands in the middle of grey, red plane first', () => {
  // Rows of two pixels: letterboxed into 4 × 3, half a pixel of padding rounds down before it.
  const image = {
    width: 2,
    height: 2,
    data: Uint8Array.from([255, 0, 51, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  };
  const [tile] = planWhole(image, { width: 4, height: 3 });
  expect(tile).toMatchObject({ left: 1, top: 0 });
  const target = new Float32Array(3 * 4 * 3);
  fillTile(image, tile!, { target, channels: toChannels(ULTRALYTICS, 3) });
  const grey = Math.fround(114 / 255);
  expect([...target.subarray(0, 4)]).toEqual([grey, 1, 0, grey]);
  expect([...target.subarray(8, 12)]).toEqual([grey, grey, grey, grey]);
  expect(target[24 + 1]).toBe(Math.fround(0.2));

  const bytes = new Uint8Array(target.length).fill(9);
  fillPixels(image, tile!, { target: bytes, pad: 114 });
  const fromBytes = [0, 1, 2].flatMap((c) =>
    Array.from({ length: 12 }, (_, at) => Math.fround(bytes[3 * at + c]! / 255)),
  );
  expect([...target]).toEqual(fromBytes);
});
