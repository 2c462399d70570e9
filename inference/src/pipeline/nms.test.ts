import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { dataFile, testData } from '../_testing.ts';
import { area, type BoxSet, intersection, nms, orderByScore, type Suppression } from './nms.ts';

/** mulberry32: the generator that data/golden/nms names. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** Crowded boxes, as data/golden/nms/nms.json describes them. */
function crowd(options: { n: number; size: number; classes: number; seed: number }): BoxSet {
  const { n, size, classes, seed } = options;
  const next = generator(seed);
  const set = {
    boxes: new Float32Array(n * 4),
    scores: new Float32Array(n),
    classes: new Uint32Array(n),
  };
  for (let i = 0; i < n; i++) {
    const x = next() % (8 * size);
    const y = next() % (8 * size);
    const w = 128 + (next() % 513);
    const h = 128 + (next() % 513);
    set.boxes.set([x / 8, y / 8, (x + w) / 8, (y + h) / 8], 4 * i);
    set.scores[i] = (next() >>> 8) / 2 ** 24;
    set.classes[i] = next() % classes;
  }
  return set;
}

/** Every pair compared. */
function plainNms(set: BoxSet, { iou, inside }: Suppression): number[] {
  const kept: number[] = [];
  for (const index of orderByScore(set.scores)) {
    const gone = kept.some((other) => {
      if (set.classes[other] !== set.classes[index]) return false;
      const shared = intersection(set.boxes, other, index);
      const own = area(set.boxes, index);
      return shared > iou * (area(set.boxes, other) + own - shared) || shared > inside * own;
    });
    if (!gone) kept.push(index);
  }
  return kept;
}

interface Case {
  readonly n: number;
  readonly classes: number;
  readonly size: number;
  readonly seed: number;
  readonly iou: number;
  readonly kept_count: number;
  readonly kept_set_sha256: string;
}

describe.skipIf(testData === undefined)('golden sets', () => {
  test('are kept as torchvision keeps them, up to 33,000 boxes', async () => {
    const { cases }: { cases: Case[] } = await Bun.file(dataFile('golden/nms/nms.json')).json();
    expect(cases.length).toBeGreaterThanOrEqual(4);
    for (const each of cases) {
      const set = crowd(each);
      const kept = nms(set, { iou: each.iou, inside: 1 });
      expect(kept.length).toBe(each.kept_count);
      const digest = createHash('sha256').update(kept.toSorted().join(',')).digest('hex');
      expect(digest).toBe(each.kept_set_sha256);
    }
  });

  test('the written-out boxes are those of the generator', async () => {
    const packed = await Bun.file(dataFile('golden/nms/nms-2000-k1.json.gz')).bytes();
    expect(JSON.parse(gunzipSync(packed).toString())).toMatchObject({ how: expect.any(String) });
  });
});

test('equals comparing every pair, whatever the boxes', () => {
  const seed = Number(process.env.DEMETER_TEST_SEED ?? Date.now() % 1e9);
  const next = generator(seed);
  for (let round = 0; round < 200; round++) {
    const set = crowd({
      n: next() % 120,
      size: 1 + (next() % 300),
      classes: 1 + (next() % 3),
      seed: next(),
    });
    // Some boxes far larger, some without area, some outside the photo.
    for (let i = 0; i < set.boxes.length; i += 4 * (1 + (next() % 9))) {
      const stretch = [0, 1, 40, 400][next() % 4]!;
      set.boxes[i + 2] = set.boxes[i]! + stretch;
      set.boxes[i + 1] = set.boxes[i + 1]! - stretch;
    }
    const suppression = { iou: (next() % 100) / 100, inside: (next() % 100) / 100 };
    const kept = [...nms(set, suppression)];
    expect(kept, `seed ${seed}, round ${round}`).toEqual(plainNms(set, suppression));
  }
});

test('an IoU of exactly the threshold stays; equal scores keep the first', () => {
  const set = {
    boxes: Float32Array.from([0, 0, 2, 2, 0, 0, 2, 1, 0, 0, 2, 2]),
    scores: Float32Array.from([0.9, 0.8, 0.9]),
    classes: new Uint32Array(3),
  };
  expect([...nms(set, { iou: 0.5, inside: 1 })]).toEqual([0, 1]);
});
