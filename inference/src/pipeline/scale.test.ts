import { describe, expect, test } from 'bun:test';
import { chooseScale, planScales } from './scale.ts';

const tiling = {
  mode: 'auto',
  overlap: 0.2,
  objectPx: [26, 280],
  longSidesPx: [320, 640, 1280, 2560],
  check: { upToPx: 0, moreThan: 1 },
} as const;

test('tries the levels that the photo reaches, and its own size where it is clearly larger', () => {
  const levels = (width: number, height: number) => planScales({ width, height }, tiling);
  expect(levels(5184, 3888)).toEqual([320, 640, 1280, 2560, 5184]);
  expect(levels(1944, 2592)).toEqual([320, 640, 1280, 2560]);
  expect(levels(1000, 800)).toEqual([320, 640, 1000]);
  expect(levels(700, 600)).toEqual([320, 640]);
  // A small photo is enlarged up to the second level.
  expect(levels(100, 80)).toEqual([320, 640]);
});

describe('the scale that counts', () => {
  /** Each view: how many objects, and their side in pixels. */
  async function choose(views: readonly (readonly [count: number, side: number])[], upToPx = 0) {
    const looked: number[] = [];
    const check = { upToPx, moreThan: 1.5 };
    const look = async (index: number) => {
      looked.push(index);
      const [count, side] = views[index]!;
      const boxes = Array.from({ length: count }, () => [0, 0, side, side]).flat();
      return { set: { boxes: Float32Array.from(boxes) } };
    };
    const sides = [320, 640, 1280, 2560].slice(0, views.length);
    return { chosen: await chooseScale(sides, look, { ...tiling, check }), looked };
  }

  test('is the first whose median object has a size the model knows', async () => {
    expect(
      await choose([
        [90, 13],
        [90, 26],
        [5, 52],
      ]),
    ).toEqual({ chosen: 1, looked: [0, 1] });
    expect(
      await choose([
        [5, 25.9],
        [5, 51],
      ]),
    ).toEqual({ chosen: 1, looked: [0, 1] });
  });

  test('is the last that shows any, where none is large enough', async () => {
    expect(
      await choose([
        [0, 0],
        [9, 12],
        [0, 0],
      ]),
    ).toEqual({ chosen: 1, looked: [0, 1, 2] });
    expect(
      await choose([
        [0, 0],
        [0, 0],
      ]),
    ).toMatchObject({ looked: [0, 1] });
  });

  test('gives way to the next one that shows clearly more, up to the level named', async () => {
    expect(
      await choose(
        [
          [2, 90],
          [12, 40],
          [12, 80],
        ],
        640,
      ),
    ).toEqual({ chosen: 1, looked: [0, 1, 2] });
    expect(
      await choose(
        [
          [2, 90],
          [3, 90],
        ],
        640,
      ),
    ).toEqual({ chosen: 0, looked: [0, 1] });
    expect(
      await choose(
        [
          [2, 90],
          [12, 20],
        ],
        640,
      ),
    ).toEqual({ chosen: 0, looked: [0, 1] });
    expect(
      await choose(
        [
          [1, 9],
          [1, 9],
          [2, 90],
          [12, 90],
        ],
        640,
      ),
    ).toMatchObject({ chosen: 2 });
  });

  test('is the median of an even number of objects between the middle two', async () => {
    const boxes = Float32Array.from([10, 24, 28, 40].flatMap((side) => [0, 0, side, side]));
    const look = async () => ({ set: { boxes } });
    const check = { upToPx: 0, moreThan: 1 };
    expect(await chooseScale([320, 640], look, { ...tiling, check })).toBe(0);
  });
});
