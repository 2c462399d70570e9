import { expect, test } from 'bun:test';
import { rejection } from '../_testing.ts';
import type { ModelSpec } from '../model/model-spec.ts';
import type { Ran, RanTensors, RunRequest } from '../model/session-protocol.ts';
import type { NamedTensor } from '../model/tensors.ts';
import { Batcher, type TileJob } from './batcher.ts';

type Run = Omit<RunRequest, 'id' | 'type'>;

/** A session that answers when told to, and says of each image, or tensor, what is in it. */
class SlowSession {
  readonly runs: Run[] = [];
  /** First number of each run; buffers are used again. */
  readonly values: number[] = [];
  readonly #answers: (() => void)[] = [];

  run(request: Run): Promise<Ran> {
    this.runs.push(request);
    this.values.push(request.input[0]!);
    const { promise, resolve } = Promise.withResolvers<Ran>();
    const length = request.input.length / request.batch;
    const candidates = request.asks.map((_, index) => ({
      boxes: new Float32Array(),
      scores: Float32Array.of(request.input[index * length]!),
      classes: new Uint32Array(),
      capped: false,
    }));
    this.#answers.push(() => resolve({ candidates, input: request.input, inferenceMs: 8 }));
    return promise;
  }

  runTensors(feeds: readonly NamedTensor[]): Promise<RanTensors> {
    this.values.push(Number(feeds[0]!.data[0]));
    const { promise, resolve } = Promise.withResolvers<RanTensors>();
    this.#answers.push(() => resolve({ outputs: feeds, inferenceMs: 8 }));
    return promise;
  }

  async answer(): Promise<void> {
    this.#answers.shift()?.();
    await Bun.sleep(0);
  }
}

const spec = { name: 'a', version: '1', input: { channels: 3 } } as ModelSpec;
const setup = { sessions: 1, takesPixels: false };
const signal = new AbortController().signal;
const job = (value: number, more: Partial<TileJob> = {}): TileJob => ({
  lane: 0,
  ask: { confidence: 0.5, masks: false },
  signal,
  canvas: { width: 32, height: 32 },
  fill: (target) => target.fill(value),
  ...more,
});

test('fills batches across photos, keeps two under way, and answers each tile with its own', async () => {
  const session = new SlowSession();
  const batcher = new Batcher(session, spec, { ...setup, batchSizes: [1, 4] });
  const answers = Array.from({ length: 10 }, (_, value) => batcher.submit(job(value)));
  await Bun.sleep(0);
  expect(session.runs.map((run) => run.asks.length)).toEqual([4, 4]);
  for (let i = 0; i < 3; i++) await session.answer();
  expect(session.runs.map((run) => run.batch)).toEqual([4, 4, 4]);
  expect(session.runs[2]?.asks).toHaveLength(2);
  const values = (await Promise.all(answers)).map((answer) => answer.candidates.scores[0]);
  expect(values).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // The third batch reuses the buffer of the first.
  expect(session.runs[2]?.input).toBe(session.runs[0]?.input as never);
});

test('buffers of sizes that come no more are let go', async () => {
  const session = new SlowSession();
  const batcher = new Batcher(session, spec, { ...setup, batchSizes: [1] });
  for (const width of [32, 64, 96, 128, 32]) {
    const answer = batcher.submit(job(1, { canvas: { width, height: 32 } }));
    await Bun.sleep(0);
    await session.answer();
    await answer;
  }
  expect(session.runs[4]?.input).toHaveLength(session.runs[0]!.input.length);
  expect(session.runs[4]?.input).not.toBe(session.runs[0]?.input as never);
});

test('serves the lower lane first, never mixes sizes, and does not run what was withdrawn', async () => {
  const session = new SlowSession();
  const batcher = new Batcher(session, spec, { ...setup, batchSizes: [4] });
  void batcher.submit(job(0));
  void batcher.submit(job(0, { canvas: { width: 64, height: 32 } }));
  await Bun.sleep(0);
  const withdrawn = new AbortController();
  const late = rejection(batcher.submit(job(3, { lane: 1, signal: withdrawn.signal })));
  void batcher.submit(job(2, { lane: 1 }));
  void batcher.submit(job(1));
  withdrawn.abort(new Error('withdrawn'));
  await session.answer();
  await session.answer();
  expect(session.runs.map((run) => run.width)).toEqual([32, 64, 32]);
  expect(session.runs[2]?.input[0]).toBe(1);
  expect(session.runs[2]?.asks).toHaveLength(2);
  expect(String(await late)).toContain('withdrawn');
});

test('bulk tiles send nothing ahead: a live one is next after the batch that runs', async () => {
  const session = new SlowSession();
  const batcher = new Batcher(session, spec, { ...setup, batchSizes: [1] });
  for (const value of [5, 6, 7]) void batcher.submit(job(value, { lane: 1 }));
  await Bun.sleep(0);
  void batcher.submit(job(1));
  await session.answer();
  await session.answer();
  expect(session.values).toEqual([5, 1, 6]);
});

test('bulk leaves the time between the tiles of a live photo to it', async () => {
  const session = new SlowSession();
  const batcher = new Batcher(session, spec, { ...setup, batchSizes: [1] }, 3_600_000);
  const live = Promise.withResolvers<void>();
  const counted = batcher.ahead(() => live.promise);
  const bulk = [1, 2].map((value) => batcher.submit(job(value, { lane: 2 })));
  await Bun.sleep(0);
  await session.answer();
  expect(session.values).toEqual([1]);
  const tile = batcher.submit(job(9));
  await Bun.sleep(0);
  await session.answer();
  await tile;
  expect(session.values).toEqual([1, 9]);
  live.resolve();
  await counted;
  expect(session.values).toEqual([1, 9, 2]);
  await session.answer();
  await Promise.all(bulk);
});

test('bulk does not starve beside live photos', async () => {
  const session = new SlowSession();
  const batcher = new Batcher(session, spec, { ...setup, batchSizes: [1] }, 5);
  const live = Promise.withResolvers<void>();
  const counted = batcher.ahead(() => live.promise);
  const bulk = [1, 2, 3].map((value) => batcher.submit(job(value, { lane: 2 })));
  for (let done = 0; done < bulk.length; done++) {
    while (session.values.length <= done) await Bun.sleep(1);
    await session.answer();
  }
  await Promise.all(bulk);
  live.resolve();
  await counted;
});

const tensors = (value: number, until = signal) => ({
  feeds: [{ name: 'x', type: 'float32' as const, dims: [1], data: Float32Array.of(value) }],
  outputs: [],
  signal: until,
});

test('tensors go after live tiles and take turns with bulk; what was withdrawn does not run', async () => {
  const session = new SlowSession();
  const batcher = new Batcher(session, spec, { ...setup, batchSizes: [1] }, 3_600_000);
  const withdrawn = new AbortController();
  const first = [21, 22].map((value) => batcher.runTensors(tensors(value)));
  const late = rejection(batcher.runTensors(tensors(23, withdrawn.signal)));
  const last = batcher.runTensors(tensors(24));
  const bulk = [11, 12].map((value) => batcher.submit(job(value, { lane: 2 })));
  await Bun.sleep(0);
  // Alone they send one ahead; with tiles beside them none.
  expect(session.values).toEqual([21, 22]);
  await session.answer();
  await session.answer();
  expect(session.values).toEqual([21, 22, 11]);
  withdrawn.abort(new Error('withdrawn'));
  const live = batcher.submit(job(1));
  while (session.values.length < 6) await session.answer();
  expect(session.values).toEqual([21, 22, 11, 1, 24, 12]);
  expect(String(await late)).toContain('withdrawn');
  await session.answer();
  const ran = await Promise.all([...first, last]);
  expect(ran.map(({ outputs }) => outputs[0]!.data[0])).toEqual([21, 22, 24]);
  expect((await live).candidates.scores[0]).toBe(1);
  await Promise.all(bulk);
});

test.each([
  ['once in that time', 3_600_000, [1, 2, 21, 3, 4, 5, 22]],
  ['one at a time', 0, [1, 2, 21, 3, 22, 4, 5]],
])('where live tiles always wait, tensors are let through: %s', async (_, everyMs, values) => {
  const session = new SlowSession();
  const batcher = new Batcher(session, spec, { ...setup, batchSizes: [1] }, everyMs);
  const live = [1, 2, 3, 4, 5].map((value) => batcher.submit(job(value)));
  await Bun.sleep(0);
  const answers = [21, 22].map((value) => batcher.runTensors(tensors(value)));
  for (let run = 0; run < values.length; run++) await session.answer();
  await Promise.all([...live, ...answers]);
  expect(session.values).toEqual(values);
});

test('tensors that are withdrawn are let go at once, whatever runs', async () => {
  const session = new SlowSession();
  const batcher = new Batcher(session, spec, { ...setup, batchSizes: [1] });
  const live = [1, 2].map((value) => batcher.submit(job(value)));
  await Bun.sleep(0);
  const withdrawn = new AbortController();
  const waiting = rejection(batcher.runTensors(tensors(21, withdrawn.signal)));
  withdrawn.abort(new Error('withdrawn'));
  expect(String(await waiting)).toContain('withdrawn');
  const late = rejection(batcher.runTensors(tensors(22, withdrawn.signal)));
  expect(String(await late)).toContain('withdrawn');
  await session.answer();
  await session.answer();
  await Promise.all(live);
  expect(session.values).toEqual([1, 2]);
});

test('beside a live photo tensors send none ahead', async () => {
  const session = new SlowSession();
  const batcher = new Batcher(session, spec, { ...setup, batchSizes: [1] }, 3_600_000);
  const live = Promise.withResolvers<void>();
  const counted = batcher.ahead(() => live.promise);
  const answers = [21, 22, 23].map((value) => batcher.runTensors(tensors(value)));
  expect(session.values).toEqual([21]);
  const tile = batcher.submit(job(1));
  await session.answer();
  await session.answer();
  await tile;
  expect(session.values).toEqual([21, 1, 22]);
  live.resolve();
  await counted;
  expect(session.values).toEqual([21, 1, 22, 23]);
  await session.answer();
  await session.answer();
  await Promise.all(answers);
});
