import { describe, expect, test } from 'bun:test';
import { rejection } from '@demeter/common/testing';
import { shortageOf } from './disk.ts';
import { KeyedLock } from './keyed-lock.ts';
import { Quota } from './quota.ts';
import { realDisk } from './real-disk.ts';
import { chooseEvictions, fullness, pausesCopies } from './when-full.ts';

describe('when full', () => {
  test('warns at 80 %, evicts at 90 %, copies nothing from 95 %, refuses at 98 %', () => {
    expect([94, 95].map((used) => pausesCopies(used, 100))).toEqual([false, true]);
    expect([79, 80, 90, 98].map((used) => fullness(used, 100))).toEqual([
      'ok',
      'warn',
      'evict',
      'refuse',
    ]);
  });

  const verified = [3, 1, 2].map((n) => ({
    sha256: `p${n}`,
    sizeBytes: 10,
    verifiedAt: n * 1000,
    reconciledAt: (n * 1000 + 1) as number | null,
  }));
  const rule = { quotaBytes: 100, now: 4000, keepMs: 2500 };

  test('what was kept long enough goes, the rest stays', () => {
    expect(chooseEvictions(verified, { ...rule, usedBytes: 50 })).toEqual(['p1']);
    expect(chooseEvictions(verified, { ...rule, usedBytes: 50, keepMs: 0 })).toEqual([
      'p1',
      'p2',
      'p3',
    ]);
    expect(chooseEvictions(verified, { ...rule, usedBytes: 50, keepMs: 5000 })).toEqual([]);
  });

  test('what no comparison has found at the centre goes only where room is needed', () => {
    const unsure = verified.map((one) => ({ ...one, reconciledAt: null }));
    expect(chooseEvictions(unsure, { ...rule, usedBytes: 50, keepMs: 0 })).toEqual([]);
    expect(chooseEvictions(unsure, { ...rule, usedBytes: 95 })).toEqual(['p1']);
  });

  test('over 90 % as many as make room, oldest first', () => {
    expect(chooseEvictions(verified, { ...rule, usedBytes: 105, keepMs: 5000 })).toEqual([
      'p1',
      'p2',
    ]);
    expect(chooseEvictions([], { ...rule, usedBytes: 105 })).toEqual([]);
  });
});

test('keyed lock: one at a time for a key, others do not wait, failures free it', async () => {
  const locks = new KeyedLock();
  const log: string[] = [];
  const step = (key: string, name: string, ms: number, fail = false) =>
    locks.with(key, async () => {
      log.push(`${name} in`);
      await Bun.sleep(ms);
      log.push(`${name} out`);
      if (fail) throw new Error(name);
    });
  const all = [
    step('a', 'a1', 30, true),
    step('a', 'a2', 5),
    step('b', 'b1', 5),
    step('a', 'a3', 1),
  ];
  await Promise.allSettled(all);
  const ofA = log.filter((line) => line.startsWith('a'));
  expect(ofA).toEqual(['a1 in', 'a1 out', 'a2 in', 'a2 out', 'a3 in', 'a3 out']);
  expect(log.indexOf('b1 out')).toBeLessThan(log.indexOf('a1 out'));
});

test('uploads that ask for space at once cannot have more than there is', async () => {
  const quota = new Quota('.', realDisk, 1000, () => 500);
  const asked = await Promise.allSettled([1, 2, 3].map(() => quota.reserve(200)));
  const given = asked.filter(({ status }) => status === 'fulfilled');
  expect(given).toHaveLength(2);
  for (const one of asked) if (one.status === 'fulfilled') one.value();
  expect(await quota.reserve(480)).toBeFunction();
});

test('a disk that others have filled is a shortage that people are told of, a full quota is none', async () => {
  const crowded = { ...realDisk, free: async () => 500_000 };
  const full = await rejection(new Quota('.', crowded, 1e9, () => 0).reserve(10));
  expect(full).toMatchObject({ code: 'STORAGE_FULL' });
  expect(shortageOf(full)).toBe('no_room');
  const spent = await rejection(new Quota('.', realDisk, 1000, () => 1000).reserve(10));
  expect(spent).toMatchObject({ code: 'STORAGE_FULL' });
  expect(shortageOf(spent)).toBeNull();
});
