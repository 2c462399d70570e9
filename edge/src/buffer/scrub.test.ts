import { describe, expect, test } from 'bun:test';
import { readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@demeter/common/clock';
import { DirectoryObjectStore } from '@demeter/common/object-store/directory';
import { silent, toPhoto } from '../_testing.ts';
import { hold, type Place, withPlace } from './_with-spool.ts';
import { KeyedLock } from './keyed-lock.ts';
import { bufferKey, LocalStore } from './local-store.ts';
import { recover } from './recovery.ts';
import { Scrub } from './scrub.ts';

const WEEK_MS = 7 * 24 * 3_600_000;
const ID = '01J00000000000000000000000';
const PHOTO = toPhoto(Buffer.from('the bytes of a photo'));
const { sha256 } = PHOTO;

/** A photo of a week ago that was judged, its scrub, and a directory as local store. */
async function withScrub(
  use: (context: {
    place: Place;
    scrub: Scrub;
    store: DirectoryObjectStore;
    local: LocalStore;
    changed: string[];
    buffer: () => Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  await withPlace(async (place) => {
    const { folder, journal, spool } = place;
    const store = new DirectoryObjectStore(join(folder, 'store'));
    const clock = { ...systemClock, now: () => 2 * WEEK_MS };
    const local = new LocalStore(store, spool, journal, clock, silent);
    await local.prepare();
    await hold(place, PHOTO, ID);
    journal.update(sha256, { state: 'judged' });
    journal.checkpoint(WEEK_MS);
    const changed: string[] = [];
    const scrub = new Scrub({
      ...{ journal, spool, localStore: local, locks: new KeyedLock(), clock, log: silent },
      onChecked: () => {},
      onChanged: (one) => changed.push(one),
    });
    const buffer = () => local.bufferPending(10, new AbortController().signal);
    await use({ place, scrub, store, local, changed, buffer });
  });
}

describe('the scrub', () => {
  test('reads each photo once a week, and notes it', () =>
    withScrub(async ({ place: { journal }, scrub, changed }) => {
      expect(await scrub.round()).toBe(PHOTO.bytes.length);
      expect(journal.photo(sha256)?.checked_at).toBe(2 * WEEK_MS);
      expect(await scrub.round()).toBe(0);
      expect(changed).toEqual([]);
    }));

  test('what was read under a clock that has been set back since is read again', () =>
    withScrub(async ({ place: { journal }, scrub }) => {
      journal.update(sha256, { checked_at: 50 * WEEK_MS });
      expect(await scrub.round()).toBe(PHOTO.bytes.length);
      expect(journal.photo(sha256)?.checked_at).toBe(2 * WEEK_MS);
    }));

  test('a changed photo without a copy is quarantined, said and kept', () =>
    withScrub(async ({ place: { journal, spool }, scrub, changed }) => {
      await writeFile(spool.pathOf(sha256), 'other bytes of a pho');
      await scrub.round();
      expect(changed).toEqual([sha256]);
      const row = journal.photo(sha256);
      expect(row).toMatchObject({ state: 'judged', parked: 'BYTES_CHANGED', in_spool: 1 });
      expect(row?.quarantine).toContain('changed');
      expect(await readFile(spool.pathOf(sha256), 'utf8')).toBe('other bytes of a pho');
    }));

  test('a changed photo gets the bytes of its copy back; a copy that changed too is no help', () =>
    withScrub(async ({ place: { folder, journal, spool }, scrub, buffer }) => {
      await buffer();
      await writeFile(spool.pathOf(sha256), 'other bytes of a pho');
      await scrub.round();
      await scrub.round();
      expect(journal.photo(sha256)).toMatchObject({ parked: null, quarantine: null, in_spool: 1 });
      expect(await spool.hashOf(sha256)).toBe(sha256);
      await writeFile(join(folder, 'store', bufferKey(sha256)), 'a copy that is other');
      await writeFile(spool.pathOf(sha256), 'other bytes of a pho');
      journal.update(sha256, { checked_at: null });
      await scrub.round();
      await scrub.round();
      expect(journal.photo(sha256)).toMatchObject({ parked: 'BYTES_CHANGED', buffered_at: null });
    }));

  test('a photo that the spool lost comes back from its copy', () =>
    withScrub(async ({ place: { journal, spool }, scrub, buffer }) => {
      await buffer();
      await unlink(spool.pathOf(sha256));
      expect(await recover(spool, journal, silent)).toMatchObject({ lost: 0 });
      await scrub.round();
      expect(journal.photo(sha256)).toMatchObject({ parked: null, last_error: null, in_spool: 1 });
      expect(await spool.hashOf(sha256)).toBe(sha256);
    }));
});

test('copies of a store that was wiped are made again; others are left as they are', () =>
  withScrub(async ({ place: { journal }, store, local, buffer }) => {
    await buffer();
    const copied = journal.photo(sha256)?.buffered_at;
    await store.remove('demeter-edge');
    await local.prepare();
    expect(journal.photo(sha256)?.buffered_at).toBe(copied!);
    await store.remove('demeter-edge');
    await store.remove(bufferKey(sha256));
    await local.prepare();
    expect(journal.photo(sha256)?.buffered_at).toBeNull();
    await buffer();
    expect(await store.head(bufferKey(sha256))).not.toBeNull();
  }));

describe('a start', () => {
  test('reads no photo that was judged before the last checkpoint, and asks the journal by folder', () =>
    withPlace(async (place) => {
      const { spool, journal, calls } = place;
      for (let n = 0; n < 200; n++) {
        const photo = toPhoto(Buffer.from(`photo ${n}`));
        await hold(place, photo, `01J0000000000000000000${String(n).padStart(4, '0')}`);
        journal.note(() => journal.update(photo.sha256, { state: 'judged' }));
      }
      journal.checkpoint(1);
      calls.clear();
      expect(await recover(spool, journal, silent)).toMatchObject({ photos: 0, hashed: 0 });
      expect(calls.get('read') ?? 0).toBe(0);
      expect(calls.get('sizeOf')).toBe(200);
      expect(calls.get('list')).toBe(257);
    }));

  test('hashes what is newer or was never judged; another size or other bytes are quarantined', () =>
    withPlace(async (place) => {
      const { spool, journal } = place;
      const photos = ['unjudged', 'judged', 'longer', 'changed'].map((text) =>
        toPhoto(Buffer.from(text)),
      );
      const [unjudged, judged, longer, changed] = photos.map((photo) => photo.sha256);
      for (const [n, photo] of photos.entries()) {
        await hold(place, photo, `01J0000000000000000000000${n}`);
        if (photo.sha256 !== unjudged) journal.update(photo.sha256, { state: 'judged' });
      }
      journal.checkpoint(1);
      journal.update(changed!, { accepted_at: 2 });
      await writeFile(spool.pathOf(longer!), 'longer than it was');
      await writeFile(spool.pathOf(changed!), 'altered');
      expect(await recover(spool, journal, silent)).toMatchObject({
        hashed: 2,
        broken: 2,
        lost: 0,
      });
      expect(journal.photo(judged!)?.parked).toBeNull();
      expect(journal.photo(unjudged!)?.parked).toBeNull();
      expect(journal.photo(longer!)).toMatchObject({ parked: 'BYTES_CHANGED', in_spool: 1 });
      expect(journal.photo(changed!)).toMatchObject({ parked: 'BYTES_CHANGED', in_spool: 1 });
      expect(await recover(spool, journal, silent)).toMatchObject({ broken: 0 });
    }));

  test('a sighting of a photo that only the local store holds is not lost with the journal’s end', () =>
    withPlace(async (place) => {
      const { spool, journal } = place;
      await hold(place, PHOTO, ID);
      journal.update(sha256, { in_spool: 0, buffered_at: 1 });
      journal.run('DELETE FROM sightings');
      await unlink(spool.pathOf(sha256));
      expect(await recover(spool, journal, silent)).toMatchObject({ sightings: 1 });
      expect(journal.sightings(sha256).map(({ id }) => id)).toEqual([ID]);
    }));
});
