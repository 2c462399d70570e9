import { expect, test } from 'bun:test';
import { Sweeps } from './sweeps.ts';

test('a sweep that fails, or throws at once, keeps none of the others from running', async () => {
  const done: string[] = [];
  const warned: unknown[] = [];
  const sweeps = new Sweeps(
    { warn: (fields: unknown) => void warned.push(fields) },
    new AbortController().signal,
    {
      first: () => Promise.reject(new Error('away')),
      second: () => {
        throw new Error('broken');
      },
      third: async () => void done.push('third'),
    },
  );
  await sweeps.run();
  expect(done).toEqual(['third']);
  expect(warned).toEqual([
    { err: new Error('away'), sweep: 'first' },
    { err: new Error('broken'), sweep: 'second' },
  ]);
  await sweeps.run();
  expect(done).toEqual(['third', 'third']);
});

test('rounds do not overlap', async () => {
  const slow = Promise.withResolvers<void>();
  let rounds = 0;
  const sweeps = new Sweeps({ warn: () => {} }, new AbortController().signal, {
    slow: () => {
      rounds++;
      return slow.promise;
    },
  });
  const both = [sweeps.run(), sweeps.run()];
  slow.resolve();
  await Promise.all(both);
  expect(rounds).toBe(1);
  await sweeps.run();
  expect(rounds).toBe(2);
});
