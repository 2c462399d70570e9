import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
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

/** Of a few sizes and places, so that ties, touching edges and equal boxes are common. */
const side = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 0.125, 400, 5_000) },
);
const place = fc.integer({ min: -400, max: 4_000 }).map((eighths) => eighths / 8);
const box = fc.record({ x: place, y: place, w: side, h: side });
const boxSet = fc
  .array(
    fc.record({
      box,
      score: fc.integer({ min: 0, max: 20 }),
      class: fc.integer({ max: 2, min: 0 }),
    }),
    { maxLength: 150 },
  )
  .map(
    (list): BoxSet => ({
      boxes: Float32Array.from(list.flatMap(({ box: { x, y, w, h } }) => [x, y, x + w, y + h])),
      scores: Float32Array.from(list, ({ score }) => score / 20),
      classes: Uint32Array.from(list, (each) => each.class),
    }),
  );
const share = fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));

test('equals comparing every pair, whatever the boxes', () => {
  fc.assert(
    fc.property(boxSet, share, share, (set, iou, inside) => {
      expect([...nms(set, { iou, inside })]).toEqual(plainNms(set, { iou, inside }));
    }),
    { numRuns: 1_000 },
  );
});

test('boxes that are not finite, or inside out, neither suppress nor are suppressed', () => {
  const set = {
    boxes: Float32Array.from([
      ...[0, 0, 8, 8],
      ...[NaN, 0, 8, 8],
      ...[-Infinity, 0, Infinity, 8],
      ...[8, 8, 0, 0],
      ...[0, 0, 8, 8],
    ]),
    scores: Float32Array.of(0.5, 0.9, 0.8, 0.7, 0.4),
    classes: new Uint32Array(5),
  };
  expect([...nms(set, { iou: 0.5, inside: 0.8 })]).toEqual([1, 2, 3, 0]);
});

test('orders any scores as comparing them would', () => {
  const scores = fc.float32Array({ noNaN: true, maxLength: 200 });
  fc.assert(
    fc.property(scores, (values) => {
      const plain = Array.from(values, (_, index) => index);
      plain.sort((a, b) => (values[a] === values[b] ? a - b : values[b]! - values[a]!));
      expect([...orderByScore(values)]).toEqual(plain);
    }),
  );
});

test('an IoU of exactly the threshold stays; equal scores keep the first', () => {
  const set = {
    boxes: Float32Array.from([0, 0, 2, 2, 0, 0, 2, 1, 0, 0, 2, 2]),
    scores: Float32Array.from([0.9, 0.8, 0.9]),
    classes: new Uint32Array(3),
  };
  expect([...nms(set, { iou: 0.5, inside: 1 })]).toEqual([0, 1]);
});
