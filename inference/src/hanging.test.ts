import { expect, test } from 'bun:test';
import { type Progress, whyHanging } from './hanging.ts';
import { createFakeShelf, createWorld, fakeModel } from './residency/_fakes.ts';

const idle: Progress = { fault: undefined, busySinceMs: undefined, loadingSinceMs: undefined };
const limits = { hangSeconds: 60, loadSeconds: 600 };
const now = 1_000_000;
const why = (progress: Partial<Progress>) => whyHanging({ ...idle, ...progress }, limits, now);

test('a run that does not move ends the process, a load that does not end too, each in its time', () => {
  expect(why({})).toBe('');
  expect(why({ busySinceMs: now - 59_999, loadingSinceMs: now - 599_999 })).toBe('');
  expect(why({ busySinceMs: now - 60_000 })).toContain('has not moved for 60 s');
  expect(why({ loadingSinceMs: now - 600_000 })).toContain('loading for 600 s');
});

test('a shelf says since when it has been loading', async () => {
  const world = createWorld();
  const { promise: loaded, resolve: goOn } = Promise.withResolvers<void>();
  world.pause = () => loaded;
  const { shelf, run } = createFakeShelf(world, { models: [fakeModel('m/1')] });
  await shelf.start();
  expect(shelf.loader.loadingSinceMs).toBeUndefined();
  const began = performance.now();
  const ran = run('m/1');
  while (world.loads.length === 0) await Bun.sleep(1);
  expect(shelf.loader.loadingSinceMs).toBeGreaterThanOrEqual(began);
  goOn();
  await ran;
  expect(shelf.loader.loadingSinceMs).toBeUndefined();
});

test('a process that can run nothing more ends at once', () => {
  expect(why({ fault: 'CUDA failure 700' })).toBe('CUDA failure 700');
});
