import { describe, expect, setSystemTime, test } from 'bun:test';
import { AppError } from '@demeter/common/errors';
import { rejection } from '../_testing.ts';
import { brokenModel, createFakeShelf, createWorld, fakeModel, MIB, type World } from './_fakes.ts';

const full = () => new AppError('MODEL_MEMORY_FULL', 'CUDA failure 2: out of memory');
const codeOf = async (promise: Promise<unknown>) => ((await rejection(promise)) as AppError).code;
/** Least recently used is told in milliseconds. */
const later = () => Bun.sleep(3);

/** Holds every load and run until it is opened. */
function gate(world: World): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  world.pause = () => promise;
  return () => {
    world.pause = async () => {};
    resolve();
  };
}

/** Three models of 100 MiB, of which two fit; a first load asks for 128 MiB. */
async function twoOfThree(options: Partial<Parameters<typeof createFakeShelf>[1]> = {}) {
  const world = createWorld({ totalBytes: 260 * MIB });
  const models = ['a/1', 'b/1', 'c/1'].map((key) => fakeModel(key));
  const made = createFakeShelf(world, { models, ...options });
  await made.shelf.start();
  return { world, ...made };
}

describe('room for models', () => {
  test('a load that showed no growth needs room for its file the next time', async () => {
    const world = createWorld({ totalBytes: 200 * MIB });
    world.takes.set('a/1', 0);
    const { shelf, run } = createFakeShelf(world, {
      models: [fakeModel('a/1', 'x'.repeat(2 * MIB))],
    });
    await shelf.start();
    await run('a');
    await shelf.unload({ name: 'a', version: '' });
    world.memory = { ...world.memory, usedBytes: 199 * MIB };
    expect(await rejection(run('a'))).toMatchObject({ code: 'MODEL_MEMORY_FULL' });
    world.memory = { ...world.memory, usedBytes: 197 * MIB };
    expect(await run('a')).toBe('a/1');
  });

  test('is made by ending the least recently used', async () => {
    const { run, states, shelf, world } = await twoOfThree();
    for (const model of ['a', 'b', 'a', 'c']) {
      expect(await run(model)).toBe(`${model}/1`);
      await later();
    }
    expect(states()).toEqual({ 'a/1': 'ready', 'b/1': 'unloaded', 'c/1': 'ready' });
    expect(shelf.loader.evictions).toBe(1);
    expect(world.memory.usedBytes).toBe(200 * MIB);
    expect(shelf.list().map(({ loaded }) => loaded?.bytes)).toEqual([
      100 * MIB,
      undefined,
      100 * MIB,
    ]);
  });

  test('is not made of pinned models', async () => {
    const { run, states, shelf } = await twoOfThree({ pinned: ['a', 'b/1'] });
    expect(states()).toMatchObject({ 'a/1': 'ready', 'b/1': 'ready' });
    expect(await codeOf(run('c'))).toBe('MODEL_MEMORY_FULL');
    expect(shelf.find({ name: 'c', version: '1' })).toMatchObject({
      state: 'unloaded',
      reason: expect.stringContaining('no model there may be unloaded'),
    });
    shelf.pin({ name: 'b', version: '1' }, false);
    expect(await run('c')).toBe('c/1');
    expect(states()).toMatchObject({ 'a/1': 'ready', 'b/1': 'unloaded' });
  });

  test('is not made of models in use, and the next try finds it', async () => {
    const { run, states, world } = await twoOfThree();
    await run('a');
    await run('b');
    const open = gate(world);
    const running = [run('a'), run('b')];
    expect(await codeOf(run('c'))).toBe('MODEL_MEMORY_FULL');
    open();
    expect(await Promise.all(running)).toEqual(['a/1', 'b/1']);
    expect(await run('c')).toBe('c/1');
    expect(Object.values(states()).filter((state) => state === 'ready')).toHaveLength(2);
  });

  test('is promised once: loads at the same time do not share the last bytes', async () => {
    const { run, world } = await twoOfThree({ loadsMax: 3 });
    const open = gate(world);
    const loads = ['a', 'b', 'c'].map((model) => run(model).catch((e: AppError) => e.code));
    // The last to ask finds nothing that may go while the others are loaded for waiting requests.
    expect(await Promise.race(loads)).toBe('MODEL_MEMORY_FULL');
    open();
    const answers = await Promise.all(loads);
    expect(answers.filter((answer) => answer === 'MODEL_MEMORY_FULL')).toHaveLength(1);
  });

  test('at the start is given to the first; the others are loaded when asked for', async () => {
    const { run, states, shelf } = await twoOfThree({ eager: true });
    const unloaded = Object.entries(states()).filter(([, state]) => state === 'unloaded');
    expect(unloaded).toHaveLength(1);
    expect(shelf.ready).toBe(true);
    expect(shelf.loader.evictions).toBe(0);
    const [[left = '']] = unloaded as [[string, string]];
    expect(await run(left)).toBe(left);
    expect(Object.values(states()).filter((state) => state === 'ready')).toHaveLength(2);
  });

  test('that is nowhere makes the server not ready until there is some', async () => {
    const world = createWorld({ totalBytes: 10 * MIB });
    const { run, shelf } = createFakeShelf(world, { models: [fakeModel('a/1')], eager: true });
    await shelf.start();
    expect(shelf.ready).toBe(false);
    expect(shelf.reason).toContain('memory budget');
    await shelf.tend();
    expect(shelf.ready).toBe(false);
    world.memory = { ...world.memory, totalBytes: 1_000 * MIB };
    await shelf.tend();
    expect(shelf.ready).toBe(true);
    expect(await run('a')).toBe('a/1');
  });

  test('on a GPU is had on the CPU where that is allowed, and refused where not', async () => {
    const gpu = { kind: 'vram', totalBytes: 600 * MIB } as const;
    const models = [fakeModel('a/1'), fakeModel('b/1')];
    const world = createWorld(gpu);
    const { run, shelf } = createFakeShelf(world, {
      ...{ models, providers: ['cuda', 'cpu'], pinned: ['a'] },
    });
    await shelf.start();
    expect(await run('b')).toBe('b/1');
    expect(shelf.find({ name: 'b', version: '1' })).toMatchObject({
      loaded: { provider: 'cpu', reason: expect.stringContaining('GPU memory') },
    });
    expect(shelf.loader.fallbacks).toBe(1);
    expect(world.memory.usedBytes).toBe(100 * MIB);

    const strict = createFakeShelf(createWorld(gpu), {
      models,
      providers: ['cuda'],
      pinned: ['a'],
    });
    await strict.shelf.start();
    expect(await codeOf(strict.run('b'))).toBe('MODEL_MEMORY_FULL');
  });

  test('that runs out while loading is made by ending others, one after the other', async () => {
    const world = createWorld();
    const models = ['a/1', 'b/1', 'c/1'].map((key) => fakeModel(key));
    const { run, states, shelf } = createFakeShelf(world, { models });
    await shelf.start();
    await run('a');
    await later();
    await run('b');
    world.fails.set('c/1', [full()]);
    expect(await run('c')).toBe('c/1');
    expect(states()).toEqual({ 'a/1': 'unloaded', 'b/1': 'ready', 'c/1': 'ready' });
    await shelf.unload({ name: 'c', version: '' });
    // However much is ended it is never enough: nothing stays reserved, and the rest can be loaded.
    world.fails.set('c/1', [full(), full(), full(), full()]);
    expect(await codeOf(run('c'))).toBe('MODEL_MEMORY_FULL');
    expect(states()).toEqual({ 'a/1': 'unloaded', 'b/1': 'unloaded', 'c/1': 'unloaded' });
    expect(world.memory.usedBytes).toBe(0);
    expect(await Promise.all([run('a'), run('b')])).toEqual(['a/1', 'b/1']);
  });
});

describe('loading', () => {
  test('happens once for all who wait', async () => {
    const world = createWorld();
    const { run, shelf } = createFakeShelf(world, { models: [fakeModel('a/1')] });
    await shelf.start();
    const open = gate(world);
    const waiting = Array.from({ length: 10 }, () => run('a'));
    open();
    expect(await Promise.all(waiting)).toEqual(Array(10).fill('a/1'));
    expect(world.loads).toEqual(['a/1']);
  });

  test('that fails is not tried again by every request, but when it is asked for', async () => {
    const world = createWorld();
    const { run, shelf, states } = createFakeShelf(world, { models: [fakeModel('a/1')] });
    await shelf.start();
    world.fails.set('a/1', [new AppError('MODEL_INVALID', 'It is wrong.')]);
    expect(await codeOf(run('a'))).toBe('MODEL_INVALID');
    expect(await codeOf(run('a'))).toBe('MODEL_UNAVAILABLE');
    expect(states()).toEqual({ 'a/1': 'unavailable' });
    expect(shelf.ready).toBe(false);
    expect(shelf.reason).toContain('It is wrong.');
    expect(world.loads).toHaveLength(1);
    await shelf.load({ name: 'a', version: '' }, false);
    expect(await run('a')).toBe('a/1');
  });

  test('that the device fails is tried again until it does not', async () => {
    const world = createWorld();
    const { run, shelf, states } = createFakeShelf(world, {
      ...{ models: [fakeModel('a/1')], eager: true, providers: ['cuda'] },
    });
    const busy = () => new AppError('MODEL_UNAVAILABLE', 'CUDA failure 46: the device is busy');
    world.fails.set('a/1', [busy(), busy(), busy()]);
    await shelf.start();
    expect(states()).toEqual({ 'a/1': 'unloaded' });
    expect(shelf.ready).toBe(false);
    expect(shelf.reason).toContain('the device is busy');
    await shelf.tend();
    expect(shelf.ready).toBe(false);
    expect(await codeOf(run('a'))).toBe('MODEL_UNAVAILABLE');
    await shelf.tend();
    expect(shelf.ready).toBe(true);
    expect(await run('a')).toBe('a/1');
    expect(world.loads).toHaveLength(4);
  });

  test('stops with the server', async () => {
    const { run, shelf, world } = await twoOfThree();
    await run('a');
    await shelf.unloadAll();
    expect(world.memory.usedBytes).toBe(0);
    expect(await codeOf(run('a'))).toBe('DRAINING');
  });

  test('a model that nobody uses is ended when its time is up, a pinned one is not', async () => {
    const { run, shelf, states } = await twoOfThree({ idleMs: 60_000, pinned: ['b'] });
    await run('a');
    await shelf.tend();
    expect(states()).toMatchObject({ 'a/1': 'ready', 'b/1': 'ready' });
    setSystemTime(Date.now() + 61_000);
    await shelf.tend();
    setSystemTime();
    expect(states()).toMatchObject({ 'a/1': 'unloaded', 'b/1': 'ready' });
    expect(await run('a')).toBe('a/1');
  });
});

test('a fault that has spoilt the process outlives the model that ran', async () => {
  const world = createWorld();
  const { shelf, run } = createFakeShelf(world, { models: [fakeModel('a/1')] });
  await shelf.start();
  await run('a');
  expect(shelf.fault).toBeUndefined();
  for (const sessions of world.held) sessions.fault = 'CUDA failure 700';
  expect(shelf.fault).toBe('CUDA failure 700');
  await shelf.unload({ name: 'a', version: '' });
  expect(shelf.fault).toBe('CUDA failure 700');
});

describe('versions', () => {
  async function replaced(options: Partial<Parameters<typeof createFakeShelf>[1]> = {}) {
    const world = createWorld();
    const made = createFakeShelf(world, { models: [fakeModel('a/1')], eager: true, ...options });
    await made.shelf.start();
    const find = async (...keys: string[]) => {
      made.repository.models = keys.map((key) => fakeModel(key));
      await made.shelf.rescan();
    };
    return { world, find, ...made };
  }

  test('a new one is loaded beside the old one, takes over, and the old one ends', async () => {
    const { world, find, run, shelf, states } = await replaced();
    const open = gate(world);
    const running = run('a');
    await find('a/1', 'a/2');
    expect(states()).toEqual({ 'a/1': 'ready', 'a/2': 'loading' });
    const meanwhile = run('a');
    open();
    expect(await Promise.all([running, meanwhile])).toEqual(['a/1', 'a/1']);
    await shelf.load({ name: 'a', version: '2' }, false);
    expect(await run('a')).toBe('a/2');
    await shelf.unload({ name: 'a', version: '1' });
    expect(states()).toEqual({ 'a/1': 'unloaded', 'a/2': 'ready' });
    expect(await run('a/1')).toBe('a/1');
    expect(await run('a')).toBe('a/2');
  });

  test('an old one that clients ask for by name, or that is pinned, stays', async () => {
    for (const how of ['named', 'pinned'] as const) {
      const { find, run, shelf, states } = await replaced({
        pinned: how === 'pinned' ? ['a/1'] : [],
      });
      if (how === 'named') await run('a/1');
      await find('a/1', 'a/2');
      await shelf.load({ name: 'a', version: '2' }, false);
      expect(await run('a')).toBe('a/2');
      expect(states()).toEqual({ 'a/1': 'ready', 'a/2': 'ready' });
    }
  });

  test('one that fails to load leaves the old one answering', async () => {
    const { world, find, run, shelf, states } = await replaced();
    world.fails.set('a/2', [new AppError('MODEL_INVALID', 'It is wrong.')]);
    await find('a/1', 'a/2');
    expect(await codeOf(shelf.load({ name: 'a', version: '2' }, false))).toBe('MODEL_INVALID');
    expect(await run('a')).toBe('a/1');
    expect(states()).toEqual({ 'a/1': 'ready', 'a/2': 'unavailable' });
  });

  test('one that has no room beside the old one leaves it answering', async () => {
    const { world, find, run, shelf, states } = await replaced();
    world.memory = { ...world.memory, totalBytes: 200 * MIB };
    await find('a/1', 'a/2');
    expect(await codeOf(shelf.load({ name: 'a', version: '2' }, false))).toBe('MODEL_MEMORY_FULL');
    expect(await run('a')).toBe('a/1');
    expect(states()).toEqual({ 'a/1': 'ready', 'a/2': 'unloaded' });
  });

  test('a file that changes is loaded beside itself; a broken one changes nothing', async () => {
    const { world, repository, run, shelf } = await replaced();
    const digests = () => [...world.held].map(({ digest }) => digest);
    const [before] = digests();
    repository.models = [brokenModel('a/1')];
    await shelf.rescan();
    expect(shelf.find({ name: 'a', version: '' })).toMatchObject({
      ...{ state: 'ready', reason: 'a/1 is broken.' },
    });
    expect(await run('a')).toBe('a/1');
    expect(digests()).toEqual([before!]);
    repository.models = [fakeModel('a/1', 'other content')];
    await shelf.rescan();
    await shelf.load({ name: 'a', version: '1' }, false);
    while (world.held.size > 1 || digests()[0] === before) await Bun.sleep(1);
    expect(await run('a')).toBe('a/1');
    expect(shelf.find({ name: 'a', version: '' })).toMatchObject({ state: 'ready', reason: '' });
  });

  test('a file that was broken for a while is as before when it is whole again', async () => {
    const { world, repository, run, shelf } = await replaced();
    for (const inMemory of [true, false]) {
      if (!inMemory) await shelf.unload({ name: 'a', version: '' });
      repository.models = [brokenModel('a/1')];
      await shelf.rescan();
      repository.models = [fakeModel('a/1')];
      await shelf.rescan();
      const state = inMemory ? 'ready' : 'unloaded';
      expect(shelf.find({ name: 'a', version: '1' })).toMatchObject({ state, reason: '' });
    }
    expect(world.loads).toHaveLength(1);
    expect(await run('a')).toBe('a/1');
  });

  test('one that is gone and still runs is waited for by the end of the server', async () => {
    const { world, repository, run, shelf } = await replaced();
    const open = gate(world);
    const running = run('a');
    repository.models = [];
    await shelf.rescan();
    const ended = shelf.unloadAll();
    open();
    await ended;
    expect(world.held.size).toBe(0);
    expect(await running).toBe('a/1');
  });

  test('the one that settings name answers, whatever appears', async () => {
    const models = [fakeModel('a/1'), fakeModel('a/2')];
    const { find, run, states } = await replaced({ models, defaults: ['a/1'] });
    expect(states()).toEqual({ 'a/1': 'ready', 'a/2': 'unloaded' });
    await find('a/1', 'a/2', 'a/3');
    expect(await run('a')).toBe('a/1');
    expect(states()).toEqual({ 'a/1': 'ready', 'a/2': 'unloaded', 'a/3': 'unloaded' });
  });

  test('one that is gone from the folder goes; a folder that cannot be read takes none', async () => {
    const { repository, find, run, shelf, states } = await replaced();
    repository.models = [brokenModel('folder')];
    await shelf.rescan();
    expect(await run('a')).toBe('a/1');
    await find('b/1');
    expect(Object.keys(states())).toEqual(['b/1']);
    expect(await codeOf(run('a'))).toBe('MODEL_UNAVAILABLE');
  });
});
