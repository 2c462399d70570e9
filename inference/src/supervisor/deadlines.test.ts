import { expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { systemClock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import { temporaryFolder } from '../_testing.ts';
import { ScriptedSlot } from './_scripted-slot.ts';
import { Supervised } from './supervised.ts';

// Processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

test('a start that takes too long is ended and tried again; any other is left alone', async () => {
  const startMs = 7_200_000;
  await using slot = new ScriptedSlot({ startMs, told: ['slow-0'] });
  await slot.until('it starts', () => slot.events.includes('starts 0'));
  expect(slot.supervised.status.ready).toBe(false);
  slot.clock.pass(startMs);
  await slot.until('the next life serves', () => slot.supervised.status.ready);
  expect(slot.events).toEqual(['starts 0', 'starts 1', 'listens 1']);
});

test('a process that answers no probe for more than 10 s is killed and started again', async () => {
  await using slot = await ScriptedSlot.start();
  process.kill(slot.supervised.status.pid!, 'SIGSTOP');
  slot.clock.leap(11_000);
  await slot.until('the next life serves', () => slot.events.includes('listens 1'));
  expect(slot.said).toContain('server killed');
});

// As a run that never returns keeps it from doing.
test('a server that does not drain is killed at the deadline', async () => {
  await using slot = await ScriptedSlot.start();
  slot.tell('busy-0');
  const { pid } = slot.supervised.status;
  const stopped = slot.supervised.stop();
  await slot.until('it drains', () => slot.events.includes('drains 0'));
  await slot.probed();
  slot.clock.pass(28_000);
  await stopped;
  expect(() => process.kill(pid!, 0)).toThrow();
});

test('a program that cannot be started is tried ever later, and stopping still ends', async () => {
  const pauses: number[] = [];
  const asked = Promise.withResolvers<void>();
  const supervised = new Supervised({
    slot: { name: 'test', exclusive: false, env: {} },
    command: [join(temporaryFolder(), 'nothing-here')],
    log: { error() {} } as unknown as Logger,
    startMs: 600_000,
    random: () => 1,
    clock: {
      ...systemClock,
      sleep: async (ms, signal) => {
        pauses.push(ms);
        if (pauses.length < 8) return;
        asked.resolve();
        await systemClock.sleep(ms, signal);
      },
    },
  });
  await asked.promise;
  expect(pauses).toEqual([750, 1_250, 2_250, 4_250, 8_250, 16_250, 30_250, 30_250]);
  expect(supervised.status.ready).toBe(false);
  await supervised.stop();
});
