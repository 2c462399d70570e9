import { expect, test } from 'bun:test';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@demeter/common/clock';
import { DirectoryObjectStore } from '@demeter/common/object-store/directory';
import { silent, toPhoto } from '../_testing.ts';
import { hold, withPlace } from './_with-spool.ts';
import { LocalStore } from './local-store.ts';

const HOUR_MS = 3_600_000;
const PHOTOS = [1, 2, 3].map((n) => toPhoto(Buffer.from(`the bytes of photo ${n}`)));

test('a photo that cannot be read holds up no other; it is said once, and looked at again later', () =>
  withPlace(async (place) => {
    const { folder, journal, spool } = place;
    for (const [n, photo] of PHOTOS.entries()) {
      await hold(place, photo, `01J0000000000000000000000${n}`);
      journal.update(photo.sha256, { accepted_at: n });
    }
    const [first, , third] = PHOTOS.map(({ sha256 }) => sha256) as [string, string, string];
    // A folder in its place: there, and no byte of it can be read.
    await rm(spool.pathOf(first));
    await mkdir(spool.pathOf(first));
    let passedMs = 0;
    const clock = { ...systemClock, monotonic: () => passedMs };
    const spoilt: string[] = [];
    const store = new DirectoryObjectStore(join(folder, 'store'));
    const local = new LocalStore(store, spool, journal, clock, silent, (sha256) => {
      spoilt.push(sha256);
    });
    const copied = () =>
      PHOTOS.filter(({ sha256 }) => journal.photo(sha256)?.buffered_at != null).length;
    const { signal } = new AbortController();
    // One at a time, so that the first alone would fill each round.
    for (let round = 0; round < 3; round++) await local.bufferPending(1, signal);
    expect(copied()).toBe(2);
    expect(journal.photo(third)?.buffered_at).toBeNumber();
    passedMs = HOUR_MS;
    await local.bufferPending(1, signal);
    expect(spoilt).toEqual([first]);
    await rmdir(spool.pathOf(first));
    await writeFile(spool.pathOf(first), PHOTOS[0]?.bytes ?? '');
    passedMs = 2 * HOUR_MS;
    await local.bufferPending(1, signal);
    expect(copied()).toBe(3);
  }));

test('a store that fails is no fault of the photo', () =>
  withPlace(async (place) => {
    const { folder, journal, spool } = place;
    const [photo] = PHOTOS as [(typeof PHOTOS)[0]];
    await hold(place, photo, '01J00000000000000000000000');
    const store = Object.assign(new DirectoryObjectStore(join(folder, 'store')), {
      put: async () => {
        throw new Error('away');
      },
    });
    const local = new LocalStore(store, spool, journal, systemClock, silent, () => {
      throw new Error('the photo was blamed');
    });
    const failed = await local.bufferPending(1, new AbortController().signal).catch(String);
    expect(failed).toBe('Error: away');
  }));

test('a store that gives back other bytes is not filled with one photo again and again', () =>
  withPlace(async (place) => {
    const { folder, journal, spool } = place;
    const [photo] = PHOTOS as [(typeof PHOTOS)[0]];
    await hold(place, photo, '01J00000000000000000000000');
    const store = new DirectoryObjectStore(join(folder, 'store'));
    const [get, put] = [store.get.bind(store), store.put.bind(store)];
    const wrong = new Blob(['other bytes']);
    store.get = async () => ({ sizeBytes: 11, mediaType: undefined, stream: wrong.stream() });
    let puts = 0;
    store.put = async (...all) => {
      puts++;
      return await put(...all);
    };
    let passedMs = 0;
    const clock = { ...systemClock, monotonic: () => passedMs };
    const local = new LocalStore(store, spool, journal, clock, silent);
    const { signal } = new AbortController();
    for (let round = 0; round < 5; round++) await local.bufferPending(1, signal);
    expect(puts).toBe(2);
    passedMs = HOUR_MS;
    store.get = get;
    await local.bufferPending(1, signal);
    expect(journal.photo(photo.sha256)?.buffered_at).toBeNumber();
  }));

test('copies stop in the middle of a round where the last room is for photos', () =>
  withPlace(async (place) => {
    const { folder, journal, spool } = place;
    for (const [n, photo] of PHOTOS.entries()) {
      await hold(place, photo, `01J0000000000000000000000${n}`);
    }
    const held = journal.heldBytes();
    const [photo] = PHOTOS as [(typeof PHOTOS)[0]];
    const store = new DirectoryObjectStore(join(folder, 'store'));
    const local = new LocalStore(store, spool, journal, systemClock, silent);
    const mayCopy = () => journal.heldBytes() <= held;
    await local.bufferPending(10, new AbortController().signal, mayCopy);
    expect(journal.heldBytes()).toBe(held + photo.bytes.length);
  }));
