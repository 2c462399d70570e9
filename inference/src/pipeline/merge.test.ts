import { expect, test } from 'bun:test';
import { mergeTiles, TILE_OBJECTS_MAX } from './merge.ts';
import type { BoxSet } from './nms.ts';
import { planTiles } from './tile.ts';

const photo = { width: 1152, height: 640 };
/** Two tiles that share the columns 512 to 640. */
const tiles = planTiles(photo, { width: 640, height: 640, open: false }, 0.2);
const suppression = { iou: 0.5, inside: 1 };

type Box = readonly [x1: number, y1: number, x2: number, y2: number];

function boxes(...list: readonly Box[]): BoxSet {
  return {
    boxes: Float32Array.from(list.flat()),
    scores: Float32Array.from(list, (_, index) => 0.9 - index / 100),
    classes: new Uint32Array(list.length),
  };
}

function merge(left: BoxSet, right: BoxSet): number[][] {
  const { set } = mergeTiles(
    [
      { tile: tiles[0]!, set: left },
      { tile: tiles[1]!, set: right },
    ],
    photo,
    suppression,
  );
  return [...set.scores.keys()].map((k) => [...set.boxes.subarray(4 * k, 4 * k + 4)]);
}

test('the tiles are as the tests below take them', () => {
  expect(tiles.map(({ x, width }) => [x, width])).toEqual([
    [0, 640],
    [512, 640],
  ]);
});

test('a part goes where another tile saw the whole', () => {
  expect(merge(boxes([600, 100, 640, 200]), boxes([600, 100, 720, 200]))).toEqual([
    [600, 100, 720, 200],
  ]);
});

test('two parts of one object become one', () => {
  expect(merge(boxes([480, 100, 640, 200]), boxes([512, 102, 700, 199]))).toEqual([
    [480, 100, 700, 200],
  ]);
});

test('a whole object seen twice is one', () => {
  expect(merge(boxes([530, 10, 620, 90]), boxes([531, 11, 621, 91]))).toHaveLength(1);
});

test('neighbours stay two: cut boxes that hardly meet, and wholes side by side', () => {
  expect(merge(boxes([560, 100, 640, 160]), boxes([512, 158, 590, 220]))).toHaveLength(2);
  expect(merge(boxes([520, 10, 570, 60]), boxes([568, 10, 620, 60]))).toHaveLength(2);
});

test('a box that ends at the edge of the photo is not cut', () => {
  expect(merge(boxes([0, 0, 90, 90]), boxes([1100, 600, 1152, 640]))).toHaveLength(2);
});

test('parts of different classes are different objects', () => {
  const right = boxes([600, 100, 720, 200]);
  right.classes[0] = 1;
  expect(merge(boxes([600, 100, 640, 200]), right)).toHaveLength(2);
});

test('says when a tile holds more than is taken from one', () => {
  const many = Array.from({ length: TILE_OBJECTS_MAX + 1 }, (_, index): Box => {
    const x = (index % 60) * 10;
    const y = Math.floor(index / 60) * 10;
    return [x, y, x + 8, y + 8];
  });
  const one = (set: BoxSet) => mergeTiles([{ tile: tiles[0]!, set }], photo, suppression);
  expect(one(boxes(...many)).capped).toBe(true);
  expect(one(boxes(...many.slice(1)))).toMatchObject({ capped: false });
  expect(one(boxes(...many.slice(1))).set.scores).toHaveLength(TILE_OBJECTS_MAX);
});
