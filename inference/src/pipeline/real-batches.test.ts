/** The batcher over a real session, its Worker and ONNX Runtime. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { rejection } from '../_testing.ts';
import { fillTile } from '../model/fill-tile.ts';
import type { ModelSpec } from '../model/model-spec.ts';
import { toChannels } from '../model/preprocessing.ts';
import { readRepository } from '../model/repository.ts';
import { Sessions } from '../model/sessions.ts';
import { Batcher, type TensorsJob, type TileJob } from './batcher.ts';

// Sessions are made slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const SIDE = 64;
const setup = { sessions: 1, takesPixels: false };
const sessions = new Sessions();
let spec: ModelSpec;

beforeAll(async () => {
  const folder = join(import.meta.dir, '../../../models');
  const [entry] = await readRepository([folder], 'development', new Map());
  if (!entry || !('spec' in entry)) throw new Error('the plants model is not there');
  spec = entry.spec;
  await sessions.load(spec, { providers: ['cpu'], threads: 1 });
});
afterAll(() => sessions.close());

/** A tile of noise, another one for each `seed`, of which every candidate is answered. */
function tile(seed: number, lane: number): TileJob {
  const size = { width: SIDE, height: SIDE };
  const data = Uint8Array.from({ length: 3 * SIDE * SIDE }, (_, at) => (at * at * (seed + 7)) >> 6);
  const image = { ...size, data };
  const place = { x: 0, y: 0, left: 0, top: 0, ...size, canvas: size };
  const channels = toChannels(spec.input.pixels, 3);
  return {
    lane,
    ask: { confidence: 0, masks: false },
    signal: new AbortController().signal,
    canvas: size,
    fill: (target) => fillTile(image, place, { target: target as Float32Array, channels }),
  };
}

function tensors(signal: AbortSignal): TensorsJob {
  const data = new Float32Array(3 * SIDE * SIDE);
  const dims = [1, 3, SIDE, SIDE];
  return { feeds: [{ name: 'images', type: 'float32', dims, data }], outputs: [], signal };
}

test('each tile of a batch is answered as it is alone', async () => {
  const seeds = [0, 1, 2, 3, 4];
  const alone = new Batcher(sessions, spec, { ...setup, batchSizes: [1] });
  const expected = await Promise.all(seeds.map((seed) => alone.submit(tile(seed, 1))));
  const before = { ...sessions.executed };
  const batched = new Batcher(sessions, spec, { ...setup, batchSizes: [1, 4] });
  const found = await Promise.all(seeds.map((seed) => batched.submit(tile(seed, 1))));
  const { images, runs } = sessions.executed;
  expect({ images: images - before.images, runs: runs - before.runs }).toEqual({
    images: 5,
    runs: 2,
  });
  for (const [index, { candidates }] of found.entries()) {
    const { scores } = expected[index]!.candidates;
    expect(scores.length).toBeGreaterThan(0);
    expect(candidates.scores).toHaveLength(scores.length);
    for (const [k, score] of candidates.scores.entries()) expect(score).toBeCloseTo(scores[k]!, 4);
  }
  // They are not all the same.
  const bests = found.map(({ candidates }) => Math.max(...candidates.scores));
  expect(new Set(bests).size).toBe(seeds.length);
});

test('a live tile passes the tensors that wait, and those of clients that have gone never run', async () => {
  const batcher = new Batcher(sessions, spec, { ...setup, batchSizes: [1] });
  const before = sessions.executed.runs;
  const gone = new AbortController();
  const stays = new AbortController().signal;
  const order: string[] = [];
  const requests = Array.from({ length: 8 }, (_, index) =>
    batcher.runTensors(tensors(index < 5 ? stays : gone.signal)).then(() => order.push('tensors')),
  );
  const dropped = requests.slice(5).map((request) => rejection(request));
  await requests[0];
  const live = batcher.submit(tile(0, 0)).then(() => order.push('live'));
  gone.abort(new Error('gone'));
  await Promise.all([live, ...requests.slice(0, 5)]);
  // One was running, one had been sent ahead.
  expect(order.indexOf('live')).toBeLessThanOrEqual(3);
  for (const reason of await Promise.all(dropped)) expect(reason).toEqual(new Error('gone'));
  expect(sessions.executed.runs - before).toBe(6);
});
