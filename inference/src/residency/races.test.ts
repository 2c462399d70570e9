/** Loads, runs, unloads and replacements in random order; a failure prints its seed. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { AppError } from '@demeter/common/errors';
import { brokenModel, createFakeShelf, createWorld, fakeModel, MIB } from './_fakes.ts';

setDefaultTimeout(60_000);

const NAMES = ['a', 'b', 'c', 'd'] as const;
const VERSIONS = ['1', '2'] as const;
const STEPS = 400;
/** What a request may be told; all else is a fault of ours. */
const EXPECTED = ['MODEL_MEMORY_FULL', 'MODEL_UNAVAILABLE', 'MODEL_INVALID', 'NOT_FOUND'];

/** mulberry32: numbers from 0 to 1. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function interleave(seed: number): Promise<void> {
  const next = random(seed);
  const one = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const key = () => `${one(NAMES)}/${one(VERSIONS)}`;
  const world = createWorld({ totalBytes: 420 * MIB });
  world.pause = async () => {
    for (let turns = Math.floor(next() * 4); turns > 0; turns--) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  };
  const all = () => NAMES.flatMap((name) => VERSIONS.map((version) => `${name}/${version}`));
  for (const each of all()) world.takes.set(each, (60 + Math.floor(next() * 60)) * MIB);
  const made = createFakeShelf(world, {
    models: all().map((each) => fakeModel(each)),
    loadsMax: 3,
  });
  const { shelf, repository, run } = made;
  await shelf.start();

  const ref = () => {
    const [name = '', version = ''] = key().split('/');
    return { name, version: next() < 0.3 ? '' : version };
  };
  const steps: readonly (() => Promise<unknown>)[] = [
    () => run(key()),
    () => run(key()),
    () => run(one(NAMES)),
    () => run(one(NAMES)),
    () => shelf.load(ref(), false),
    () => shelf.unload(ref()),
    async () => shelf.pin(ref(), next() < 0.3),
    () => shelf.tend(),
    async () => {
      const failure = next() < 0.5 ? 'MODEL_MEMORY_FULL' : 'MODEL_INVALID';
      world.fails.set(key(), [new AppError(failure, 'It failed.')]);
    },
    async () => {
      const changed = key();
      const others = repository.models.filter((each) => `${each.name}/${each.version}` !== changed);
      const found = [brokenModel(changed), fakeModel(changed, String(next()))];
      repository.models = next() < 0.2 ? others : [...others, one(found)];
      await shelf.rescan();
    },
  ];
  const under: Promise<unknown>[] = [];
  for (let step = 0; step < STEPS; step++) {
    under.push(
      one(steps)().catch((error: unknown) => {
        if (!(error instanceof AppError) || !EXPECTED.includes(error.code)) throw error;
      }),
    );
    expect(world.memory.usedBytes).toBeLessThanOrEqual(world.memory.totalBytes);
    if (next() < 0.5) await world.pause();
  }
  await Promise.all(under);
  await shelf.unloadAll();
  expect(world.held.size).toBe(0);
  expect(world.memory.usedBytes).toBe(0);
  const states = shelf.list().map(({ state }) => state);
  expect(states.every((state) => state === 'unloaded' || state === 'unavailable')).toBe(true);
}

test('memory is never overdrawn, nothing is ended while it runs, nothing is left behind', async () => {
  const first = Number(process.env.SEED ?? Date.now() % 1_000_000);
  for (let seed = first; seed < first + 40; seed++) {
    try {
      await interleave(seed);
    } catch (error) {
      throw new Error(`SEED=${seed} fails`, { cause: error });
    }
  }
});
