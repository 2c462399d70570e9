import { expect, test } from 'bun:test';
import { AppError } from '@demeter/common/errors';
import { silent } from '../_testing.ts';
import { hold, withPlace } from '../buffer/_with-spool.ts';
import type { Journal } from '../buffer/journal.ts';
import { policyCounts, sendAnyway } from '../buffer/kept.ts';
import { StandIns, type StandInsOptions } from './stand-ins.ts';

const PHOTO = { sha256: 'ab'.repeat(32), bytes: Buffer.from('photo') };
const BOOT = { id: 'b', number: 1, aheadMs: 0 };

/** A photo that a policy keeps back, of which the centre does not know yet. */
async function kept(use: (journal: Journal) => Promise<void>): Promise<void> {
  await withPlace(async (place) => {
    await hold(place, PHOTO, '01ARZ3NDEKTSV4RRFFQ69G5FAV');
    const policy = JSON.stringify({ name: 'too_dark', forward: 'thumbnail' });
    place.journal.update(PHOTO.sha256, { state: 'rejected_kept', policy });
    await use(place.journal);
  });
}

/** Runs until its fifth pause; each is noted. */
async function run(
  journal: Journal,
  parts: Partial<Pick<StandInsOptions, 'send' | 'preview' | 'mayDerive'>>,
) {
  const stop = new AbortController();
  const pauses: number[] = [];
  const clock = {
    now: () => 1_000,
    monotonic: () => 1_000,
    sleep: async (ms: number) => {
      if (pauses.push(ms) === 5) stop.abort();
    },
  };
  const ways = { send: async () => {}, preview: async () => Buffer.from('webp'), ...parts };
  const told = {
    journal,
    clock,
    boot: BOOT,
    log: silent,
    random: () => 0.5,
    mayDerive: () => true,
    onSend: () => {},
  };
  await new StandIns({ ...told, ...ways }).run(stop.signal);
  return pauses;
}

test('the centre is told once; while it is away it is asked less and less often', () =>
  kept(async (journal) => {
    const away = async () => {
      throw new Error('away');
    };
    expect(await run(journal, { send: away })).toEqual([1000, 2000, 4000, 8000, 16_000]);
    let told = 0;
    const send = async () => void told++;
    expect(await run(journal, { send })).toEqual([1000, 1000, 1000, 1000, 1000]);
    expect(told).toBe(1);
    expect(journal.photo(PHOTO.sha256)).toMatchObject({ state: 'rejected_kept' });
  }));

test('a photo of which no picture can be made is sent itself; one that nobody can look at now waits', () =>
  kept(async (journal) => {
    const failing = (code: 'TOO_MANY_REQUESTS' | 'UNDECODABLE_PHOTO') => async () => {
      throw new AppError(code, 'no');
    };
    expect(await run(journal, { preview: failing('TOO_MANY_REQUESTS') })).toHaveLength(5);
    expect(journal.photo(PHOTO.sha256)?.state).toBe('rejected_kept');
    await run(journal, { preview: failing('UNDECODABLE_PHOTO') });
    expect(journal.photo(PHOTO.sha256)).toMatchObject({ state: 'judged', lane: 4 });
    expect(policyCounts(journal)).toMatchObject([{ action: 'sent', photos: 1 }]);
  }));

test('a photo that a person sends while it is looked at stays on its way', () =>
  kept(async (journal) => {
    const preview = async () => {
      sendAnyway(journal, PHOTO.sha256, 'ada', 5);
      journal.update(PHOTO.sha256, { state: 'stored' });
      throw new AppError('UNDECODABLE_PHOTO', 'no');
    };
    await run(journal, { preview });
    expect(journal.photo(PHOTO.sha256)).toMatchObject({ state: 'stored', lane: 2 });
    expect(policyCounts(journal)).toMatchObject([{ action: 'sent', photos: 1 }]);
  }));

test('a full box makes small pictures only of photos whose days are over: they make room', () =>
  kept(async (journal) => {
    let told = 0;
    const parts = { send: async () => void told++, mayDerive: () => false };
    await run(journal, parts);
    journal.update(PHOTO.sha256, { keep_until: 1_001 });
    await run(journal, parts);
    expect(told).toBe(0);
    journal.update(PHOTO.sha256, { keep_until: 1_000 });
    await run(journal, parts);
    expect(told).toBe(1);
  }));
