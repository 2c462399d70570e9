import { expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../_testing.ts';
import { writeTiny } from '../_tiny-model.ts';
import { Batcher } from '../pipeline/batcher.ts';
import { batchesThatPay, Calibration, interleave, type Setup, waysToShare } from './calibrate.ts';
import { fillPixels, fillTile } from './fill-tile.ts';
import type { ModelSpec } from './model-spec.ts';
import { toChannels } from './preprocessing.ts';
import { readRepository } from './repository.ts';
import { Sessions } from './sessions.ts';

// Sessions are made slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

test('ways are run in turns until the time is over, and the best of each counts', async () => {
  let at = 0;
  const order: string[] = [];
  const way =
    (name: string, ...ms: number[]) =>
    async () => {
      order.push(name);
      at += ms.shift() ?? 10;
    };
  const best = await interleave([way('a', 30, 5), way('b', 20, 25)], 60, () => at);
  expect(order).toEqual(['a', 'b', 'a', 'b']);
  expect(best).toEqual([5, 20]);
});

test('a batch size stays where an image takes clearly less than in the one before', () => {
  expect(batchesThatPay([1, 4, 8], [10, 20, 39])).toEqual([1, 4]);
  expect(batchesThatPay([1, 4, 8], [10, 39, 40])).toEqual([1, 8]);
  expect(batchesThatPay([1, 4], [10, 40])).toEqual([1]);
});

test('threads are shared evenly among one, two, four … sessions', () => {
  expect(waysToShare(1)).toEqual([{ sessions: 1, threads: 1 }]);
  expect(waysToShare(6)).toEqual([
    { sessions: 1, threads: 6 },
    { sessions: 2, threads: 3 },
    { sessions: 4, threads: 1 },
  ]);
});

function model(seed: number, pixels: object = {}): ModelSpec {
  return { digest: Buffer.alloc(32, seed), input: { width: 64, pixels } } as unknown as ModelSpec;
}

const setup: Setup = { takesPixels: true, batchSizes: [1], sessions: 2, threads: 1 };

test('what was found is there at the next start, for the same model and threads', () => {
  const options = { budgetMs: 1, folder: join(temporaryFolder(), 'new') };
  const spec = model(1);
  new Calibration(options).keep(spec, 2, setup);
  expect(new Calibration(options).find(spec, 2)).toEqual(setup);
  expect(new Calibration(options).find(spec, 4)).toBeUndefined();
  expect(new Calibration(options).find(model(2), 2)).toBeUndefined();
  // Another manifest for the same file: a pad that is no byte, say, keeps pixels out of the graph.
  expect(new Calibration(options).find(model(1, { pad: 127.5 }), 2)).toBeUndefined();
  expect(new Calibration({ ...options, budgetMs: 0 }).find(spec, 2)).toBeUndefined();
});

test('a result that is cut short, or makes no sense, is as if it were not there', () => {
  const folder = temporaryFolder();
  const options = { budgetMs: 1, folder };
  new Calibration(options).keep(model(1), 2, setup);
  const [name = ''] = readdirSync(folder);
  for (const text of [
    ...['', '{', 'null', '{}', JSON.stringify({ ...setup, sessions: 0 })],
    ...[JSON.stringify({ ...setup, batchSizes: [] }), JSON.stringify({ ...setup, threads: 999 })],
  ]) {
    writeFileSync(join(folder, name), text);
    expect(new Calibration(options).find(model(1), 2), text).toBeUndefined();
  }
});

test('a folder that cannot be written costs nothing but the memory of it', () => {
  const file = join(temporaryFolder(), 'a-file');
  writeFileSync(file, '');
  const calibration = new Calibration({ budgetMs: 1, folder: join(file, 'below') });
  calibration.keep(model(1), 2, setup);
  expect(calibration.find(model(1), 2)).toEqual(setup);
});

test('nothing is measured while something else runs', () => {
  expect(new Calibration({ budgetMs: 9, quiet: () => false }).budgetMs).toBe(0);
});

test('two sessions that take pixels answer what one that takes numbers does', async () => {
  const folder = join(import.meta.dir, '../../../models');
  const [entry] = await readRepository([folder], 'development', new Map());
  if (!entry || !('spec' in entry)) throw new Error('the plants model is not there');
  const { spec } = entry;
  const image = {
    width: 64,
    height: 64,
    data: Uint8Array.from({ length: 3 * 64 * 64 }, (_, at) => (at * at * 7919) >>> 8),
  };
  const tile = { x: 0, y: 0, left: 0, top: 0, width: 64, height: 64, canvas: image };
  const found = async (known?: Setup) => {
    const calibration = new Calibration({ budgetMs: 0 });
    if (known) calibration.keep(spec, 2, known);
    const sessions = new Sessions({ calibration });
    const loaded = await sessions.load(spec, { providers: ['cpu'], threads: 2 });
    expect(loaded).toMatchObject(known ?? { sessions: 1, threads: 2, takesPixels: false });
    const batcher = new Batcher(sessions, spec, loaded);
    const job = {
      lane: 1,
      // All of them: none near a threshold that another order of sums could pass.
      ask: { confidence: 0, masks: false },
      signal: new AbortController().signal,
      canvas: { width: 64, height: 64 },
      fill: (target: Float32Array | Uint8Array) => {
        if (target instanceof Uint8Array) fillPixels(image, tile, { target, pad: 114 });
        else fillTile(image, tile, { target, channels: toChannels(spec.input.pixels, 3) });
      },
    };
    const answers = await Promise.all([batcher.submit(job), batcher.submit(job)]);
    await sessions.close();
    return answers.map(({ candidates }) => candidates.scores);
  };
  const [plain] = await found();
  expect(plain?.length).toBeGreaterThan(0);
  for (const scores of await found(setup)) {
    expect(scores).toHaveLength(plain!.length);
    for (const [k, score] of scores.entries()) expect(score).toBeCloseTo(plain![k]!, 4);
  }
});

/** So long that no stall of the machine counts as a slow model. */
const AMPLE_MS = 60_000;
const SCRIPTED = new URL('./_scripted-session-worker.ts', import.meta.url);

test('as many sessions share the threads as clearly run more images, and the next load starts so', async () => {
  const folder = temporaryFolder();
  const load = async (spec: ModelSpec, calibration: Calibration) => {
    const sessions = new Sessions({ worker: SCRIPTED, calibration });
    const loaded = await sessions.load(spec, { providers: ['cpu'], threads: 4 });
    await sessions.close();
    return loaded;
  };
  const found = { takesPixels: true, batchSizes: [1], sessions: 2, threads: 2 };
  const measuring = new Calibration({ budgetMs: AMPLE_MS, folder });
  expect(await load(model(1), measuring)).toMatchObject(found);
  const busy = new Calibration({ budgetMs: AMPLE_MS, folder, quiet: () => false });
  expect(await load(model(1), busy)).toMatchObject(found);
  const alone = { sessions: 1, threads: 4 };
  expect(await load(model(2), busy)).toMatchObject(alone);
  const huge = { ...model(3), name: 'huge' } as ModelSpec;
  expect(await load(huge, measuring)).toMatchObject(alone);
});

test('bytes in or numbers in: the one that was measured to be faster is kept, and answers the same', async () => {
  const folder = temporaryFolder();
  writeTiny(folder, { name: 'tiny', version: '1', answers: 2 });
  const [entry] = await readRepository([folder], 'development', new Map());
  if (!entry || !('spec' in entry)) throw new Error('the tiny model is not there');
  const { spec } = entry;
  const calibration = new Calibration({ budgetMs: AMPLE_MS });
  const sessions = new Sessions({ calibration });
  const loaded = await sessions.load(spec, { providers: ['cpu'], threads: 1 });
  const { takesPixels } = loaded;
  expect(loaded.tooSlow).toBe(false);
  expect(calibration.find(spec, 1)).toEqual({
    takesPixels,
    batchSizes: [1],
    sessions: 1,
    threads: 1,
  });
  const length = 3 * spec.input.width * spec.input.height;
  const { candidates } = await sessions.run({
    input: takesPixels ? new Uint8Array(length) : new Float32Array(length),
    batch: 1,
    width: spec.input.width,
    height: spec.input.height,
    asks: [{ confidence: 0, masks: false }],
  });
  await sessions.close();
  const scores = [...(candidates[0]?.classScores ?? [])];
  expect(scores.indexOf(Math.max(...scores))).toBe(2);
});
