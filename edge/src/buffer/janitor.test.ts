import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { systemClock } from '@demeter/common/clock';
import { silent, type TestPhoto, toPhoto } from '../_testing.ts';
import { hold, type Place, withPlace } from './_with-spool.ts';
import { Janitor } from './janitor.ts';
import { sendAnyway } from './kept.ts';
import { KeyedLock } from './keyed-lock.ts';
import type { LocalStore } from './local-store.ts';

const NOW = 1_000_000_000;
const IDS = ['01M7Y229KWF6W0YGQCKFJKZE6R', '01M7Y229NAKKQT0KY8QF0X6RJ9'] as const;
const [FIRST, SECOND] = ['one photo', 'another photo'].map((text) =>
  toPhoto(Buffer.from(text)),
) as [TestPhoto, TestPhoto];

/** A janitor of a box without grace; `remove` is the local store's. */
function janitorOf(
  { spool, journal }: Place,
  remove: () => Promise<void>,
  locks = new KeyedLock(),
) {
  return new Janitor({
    spool,
    journal,
    locks,
    localStore: { remove } as unknown as LocalStore,
    clock: { ...systemClock, now: () => NOW },
    log: silent,
    quotaBytes: 1e9,
    keepMs: 0,
    knownMs: NOW,
    onEvicted: () => {},
    centreMustKnow: false,
    keptNow: () => NOW,
  });
}

async function holdVerified(place: Place): Promise<void> {
  for (const [at, photo] of [FIRST, SECOND].entries()) {
    await hold(place, photo, IDS[at] as string);
    place.journal.settleSighting(IDS[at] as string, 1, null);
    const verified = { state: 'verified', receipt: 'r', verified_at: 1 } as const;
    place.journal.update(photo.sha256, verified);
  }
}

test('a local store that is away keeps no other photos from going, and is asked once a round', () =>
  withPlace(async (place) => {
    const { journal } = place;
    await holdVerified(place);
    journal.run('UPDATE photos SET reconciled_at = 2, buffered_at = ?', NOW);
    let asked = 0;
    const janitor = janitorOf(place, async () => {
      asked++;
      throw new Error('away');
    });
    await janitor.run();
    expect(asked).toBe(1);
    expect(journal.photo(FIRST.sha256)?.state).toBe('verified');
    journal.update(SECOND.sha256, { buffered_at: null });
    await janitor.run();
    expect(journal.photo(FIRST.sha256)?.state).toBe('verified');
    expect(journal.photo(SECOND.sha256)?.state).toBe('evicted');
  }));

test('a photo that a person sends while its copy is being removed is not given up', () =>
  withPlace(async (place) => {
    const { journal, spool } = place;
    const { sha256 } = FIRST;
    await hold(place, FIRST, IDS[0]);
    journal.update(sha256, { state: 'rejected_kept', keep_until: 1, buffered_at: 1 });
    await janitorOf(place, async () => void sendAnyway(journal, sha256, 'person', NOW)).run();
    expect(journal.photo(sha256)).toMatchObject({
      state: 'judged',
      in_spool: 1,
      buffered_at: null,
    });
    expect(existsSync(spool.pathOf(sha256))).toBe(true);
  }));

test('a photo that the centre turns out to have lost meanwhile stays in the spool', () =>
  withPlace(async (place) => {
    const { journal, spool } = place;
    await holdVerified(place);
    journal.run('UPDATE photos SET buffered_at = 1');
    const locks = new KeyedLock();
    const held = Promise.withResolvers<void>();
    void locks.with(FIRST.sha256, () => held.promise);
    const round = janitorOf(place, async () => {}, locks).run();
    journal.update(FIRST.sha256, { state: 'queued' });
    held.resolve();
    await round;
    expect(existsSync(spool.pathOf(FIRST.sha256))).toBe(true);
    expect(journal.photo(FIRST.sha256)?.in_spool).toBe(1);
    expect(existsSync(spool.pathOf(SECOND.sha256))).toBe(false);
  }));
