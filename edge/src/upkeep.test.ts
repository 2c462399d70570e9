import { expect, test } from 'bun:test';
import { systemClock } from '@demeter/common/clock';
import { silent } from './_testing.ts';
import type { Janitor } from './buffer/janitor.ts';
import type { Journal } from './buffer/journal.ts';
import type { Strays } from './buffer/strays.ts';
import { Upkeep } from './upkeep.ts';

test('room is made also while the journal takes no checkpoint', async () => {
  const stop = new AbortController();
  let rounds = 0;
  const janitor = {
    run: async () => {
      rounds++;
      stop.abort();
    },
  };
  const journal = {
    checkpoint: () => {
      throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
    },
  };
  const upkeep = new Upkeep({
    janitor: janitor as unknown as Janitor,
    journal: journal as unknown as Journal,
    strays: { round: async () => {} } as unknown as Strays,
    localStore: null,
    mayCopy: () => true,
    clock: systemClock,
    log: silent,
  });
  await upkeep.run(stop.signal);
  expect(rounds).toBe(1);
});
