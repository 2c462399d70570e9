import { describe, expect, test } from 'bun:test';
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import { DirectoryObjectStore } from '@demeter/common/object-store/directory';
import { rejection } from '@demeter/common/testing';
import { silent, type TestPhoto, testPhoto, toPhoto } from '../_testing.ts';
import { hold, type Place, sidecarFor, withPlace } from './_with-spool.ts';
import { realIds } from './ids.ts';
import { Journal } from './journal.ts';
import { KeyedLock } from './keyed-lock.ts';
import { bufferKey, LocalStore } from './local-store.ts';
import { recover } from './recovery.ts';
import { sidecarName } from './sidecar.ts';
import { Strays } from './strays.ts';

const ID = '01J00000000000000000000000';
const PHOTO = toPhoto(Buffer.from('the bytes of a photo'));
const { sha256 } = PHOTO;
const { signal } = new AbortController();

/** A box with a directory as its local store, which can be away. */
async function withStore(
  use: (box: {
    place: Place;
    store: DirectoryObjectStore;
    setAway: (away: boolean) => void;
    /** Puts a photo where the box has it once it is verified and copied: in the store alone. */
    keepCopy: (photo: TestPhoto) => Promise<void>;
    /** A start on what lies there; `journal` is a new one where the old one is lost. */
    start: (journal: Journal, options?: { mayCopy?: boolean; clock?: Clock }) => Promise<Strays>;
    lose: () => Journal;
  }) => Promise<void>,
): Promise<void> {
  await withPlace(async (place) => {
    const { folder, journal, spool } = place;
    const store = new DirectoryObjectStore(join(folder, 'store'));
    const list = store.list.bind(store);
    let isAway = false;
    store.list = (prefix) => {
      if (isAway) throw new AppError('OBJECT_STORE_UNAVAILABLE', 'The store is away.');
      return list(prefix);
    };
    const localOf = (db: Journal) => new LocalStore(store, spool, db, systemClock, silent);
    const others: Journal[] = [];
    await use({
      place,
      store,
      setAway: (next) => {
        isAway = next;
      },
      keepCopy: async (photo) => {
        await hold(place, photo, ID);
        await localOf(journal).bufferPending(1, signal);
        journal.update(photo.sha256, { state: 'verified', receipt: 'r', in_spool: 0 });
        await spool.removePhoto(photo.sha256);
      },
      start: async (db, { mayCopy = true, clock = systemClock } = {}) => {
        const { doubtful } = await recover(spool, db, silent, { copies: true });
        return new Strays({
          ...{ journal: db, spool, localStore: localOf(db), locks: new KeyedLock() },
          ...{ clock, ids: realIds(), log: silent, doubtful, mayCopy: () => mayCopy },
        });
      },
      lose: () => {
        const db = Journal.open(join(folder, `journal-${others.length}.sqlite`));
        others.push(db);
        return db;
      },
    });
    for (const db of others) db.close();
  });
}

describe('after the journal is lost', () => {
  test('a photo that lies in the local store alone is known again, once the store answers', () =>
    withStore(async ({ place: { spool }, setAway, keepCopy, start, lose }) => {
      await keepCopy(PHOTO);
      const journal = lose();
      setAway(true);
      let strays = await start(journal);
      for (let round = 0; round < 2; round++) {
        expect(await rejection(strays.round(signal))).toBeInstanceOf(AppError);
        expect(strays.settled).toBe(false);
        // The box is started again meanwhile.
        strays = await start(journal);
      }
      expect(journal.photo(sha256)).toBeNull();
      setAway(false);
      await strays.round(signal);
      expect(strays.settled).toBe(true);
      expect(journal.photo(sha256)).toMatchObject({
        ...{ state: 'queued', receipt: null, in_spool: 0, parked: null, due_at: 0 },
        ...{ buffered_at: expect.any(Number), camera: 'cam-1' },
      });
      expect(journal.sightings(sha256)).toMatchObject([{ id: ID, registered_at: null }]);
      expect(await spool.readSidecar(sha256, ID)).toMatchObject({ sighting: { id: ID } });
      // The next start finds nothing in doubt, and asks the store for nothing.
      setAway(true);
      strays = await start(journal);
      expect(strays.settled).toBe(true);
      await strays.round(signal);
    }));

  test('a copy whose sidecar is gone too comes back into the spool, unless that is too full', () =>
    withStore(async ({ place: { spool }, keepCopy, start, lose }) => {
      const photo = await testPhoto(1, 300, 200);
      await keepCopy(photo);
      await spool.removeSidecars(photo.sha256, [ID]);
      const journal = lose();
      const full = await start(journal, { mayCopy: false });
      await full.round(signal);
      expect(full.settled).toBe(false);
      expect(journal.photo(photo.sha256)).toBeNull();
      const strays = await start(journal);
      await strays.round(signal);
      expect(strays.settled).toBe(true);
      expect(journal.photo(photo.sha256)).toMatchObject({ state: 'spooled', in_spool: 1 });
      expect(await spool.hashOf(photo.sha256)).toBe(photo.sha256);
      expect(journal.sightings(photo.sha256)).toMatchObject([{ camera: 'unknown' }]);
    }));

  test('a sighting of a photo that was known finds the copy, too', () =>
    withStore(async ({ place: { spool }, keepCopy, start, lose }) => {
      await keepCopy(PHOTO);
      const sidecar = await spool.readSidecar(sha256, ID);
      const path = join(spool.pathOf(sha256), '..', sidecarName(sha256, ID));
      await writeFile(path, JSON.stringify({ ...sidecar, held: true }));
      const journal = lose();
      const strays = await start(journal);
      expect(journal.photo(sha256)).toMatchObject({ parked: 'BYTES_MISSING', buffered_at: null });
      await strays.round(signal);
      expect(journal.photo(sha256)).toMatchObject({ parked: null, in_spool: 0, state: 'queued' });
      expect(journal.photo(sha256)?.buffered_at).toBeNumber();
    }));

  test('of many photos with spoilt notes some are noted by the start, the others after it', () =>
    withStore(async ({ place: { spool }, start, lose }) => {
      const { bytes } = await testPhoto(1, 60, 40);
      const photos = Array.from({ length: 230 }, (_, n) => {
        const comment = Buffer.from([0xff, 0xfe, 0, 4, n >> 8, n & 0xff]);
        return toPhoto(Buffer.concat([bytes.subarray(0, 2), comment, bytes.subarray(2)]));
      });
      for (const photo of photos) await writeFile(spool.pathOf(photo.sha256), photo.bytes);
      const journal = lose();
      const known = () => journal.all('SELECT 1 FROM photos').length;
      const strays = await start(journal);
      expect(known()).toBe(200);
      await strays.round(signal);
      expect(known()).toBe(230);
      expect(strays.settled).toBe(true);
    }));

  test('of many photos of another size than their notes say some are read by the start, the others after it', () =>
    withStore(async ({ place: { spool }, start, lose }) => {
      const photos = Array.from({ length: 205 }, (_, n) => toPhoto(Buffer.from(`photo ${n}`)));
      photos.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
      for (const [n, { sha256, bytes }] of photos.entries()) {
        const said = sidecarFor(sha256, bytes.length + 1, `${ID.slice(0, 23)}${100 + n}`);
        const path = spool.pathOf(sha256);
        await writeFile(path, n === 204 ? 'rotten' : bytes);
        const beside = join(path, '..', sidecarName(sha256, said.sighting.id));
        await writeFile(beside, JSON.stringify(said));
      }
      const journal = lose();
      const cameras = () => journal.all<{ camera: string }>('SELECT camera FROM sightings');
      const strays = await start(journal);
      expect(cameras()).toHaveLength(200);
      await strays.round(signal);
      expect(strays.settled).toBe(true);
      expect(cameras()).toEqual(Array.from({ length: 204 }, () => ({ camera: 'cam-1' })));
    }));

  test('what a folder holds that cannot be read stays in doubt, and is found when it can be', () =>
    withStore(async ({ place, keepCopy, store, start, lose }) => {
      const { spool } = place;
      const here = toPhoto(Buffer.from('another photo'));
      await hold(place, here, '01J00000000000000000000001');
      await keepCopy(PHOTO);
      // The local store has lost it since, but the centre may have it.
      const sidecar = await spool.readSidecar(sha256, ID);
      const path = join(spool.pathOf(sha256), '..', sidecarName(sha256, ID));
      await writeFile(path, JSON.stringify({ ...sidecar, held: true }));
      await store.remove(bufferKey(sha256));
      const folders = [here.sha256.slice(0, 2), sha256.slice(0, 2)];
      let isDamaged = true;
      let asked = 0;
      const contents = spool.contents.bind(spool);
      spool.contents = async (prefix) => {
        if (!isDamaged || !folders.includes(prefix)) return await contents(prefix);
        asked++;
        throw Object.assign(new Error('EIO'), { code: 'EIO' });
      };
      let now = 0;
      const journal = lose();
      const strays = await start(journal, { clock: { ...systemClock, monotonic: () => now } });
      for (const _ of [1, 2]) await strays.round(signal);
      // By the start and by the first round.
      expect(asked).toBe(2 * folders.length);
      const asFar = [here.sha256, sha256, '0'.repeat(64)].map((one) => strays.isSettled(one));
      expect(asFar).toEqual([false, false, true]);
      isDamaged = false;
      now = 3_600_000;
      await strays.round(signal);
      expect(strays.settled).toBe(true);
      expect(journal.photo(here.sha256)).toMatchObject({ state: 'spooled', camera: 'cam-1' });
      expect(journal.photo(sha256)).toMatchObject({ state: 'queued', parked: 'BYTES_MISSING' });
    }));
});

test('a sidecar alone goes once the store was asked, and had no copy', () =>
  withStore(async ({ place: { journal, spool }, keepCopy, store, start }) => {
    await keepCopy(PHOTO);
    journal.run('DELETE FROM sightings');
    journal.run('DELETE FROM photos');
    await store.remove(bufferKey(sha256));
    const strays = await start(journal);
    expect(await spool.contents(sha256.slice(0, 2))).toHaveLength(1);
    await strays.round(signal);
    expect(await spool.contents(sha256.slice(0, 2))).toEqual([]);
    expect(journal.photo(sha256)).toBeNull();
  }));

test('a spoilt copy of which nothing was noted is no photo, and is not deleted', () =>
  withStore(async ({ place: { folder, journal, spool }, store, start }) => {
    const facts = { sha256, sizeBytes: PHOTO.bytes.length, mediaType: 'image/jpeg' };
    await store.put(bufferKey(sha256), { bytes: PHOTO.bytes }, facts);
    await writeFile(join(folder, 'store', bufferKey(sha256)), 'rotten');
    const strays = await start(journal);
    await strays.round(signal);
    expect(strays.settled).toBe(true);
    expect(journal.photo(sha256)).toBeNull();
    expect(await spool.contents(sha256.slice(0, 2))).toEqual([]);
    expect(await store.head(bufferKey(sha256))).not.toBeNull();
  }));

test('a copy of a photo that is gone is removed; one that was believed to be lost is known again', () =>
  withStore(async ({ place, store, keepCopy, start }) => {
    const { journal, spool } = place;
    const other = toPhoto(Buffer.from('another photo'));
    await keepCopy(PHOTO);
    journal.update(sha256, { state: 'evicted', evicted_at: 1, buffered_at: null });
    await hold(place, other, '01J00000000000000000000001');
    await unlink(spool.pathOf(other.sha256));
    const facts = { sha256: other.sha256, sizeBytes: other.bytes.length, mediaType: 'image/jpeg' };
    await store.put(bufferKey(other.sha256), { bytes: other.bytes }, facts);
    const strays = await start(journal);
    expect(journal.photo(other.sha256)).toMatchObject({ parked: 'BYTES_MISSING' });
    await strays.round(signal);
    expect(await store.head(bufferKey(sha256))).toBeNull();
    expect(journal.photo(other.sha256)).toMatchObject({
      ...{ parked: null, last_error: 'BYTES_MISSING', buffered_at: expect.any(Number) },
    });
  }));
