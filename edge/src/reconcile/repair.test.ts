import { describe, expect, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@demeter/common/clock';
import { DirectoryObjectStore } from '@demeter/common/object-store/directory';
import { rejection } from '@demeter/common/testing';
import { silent, toPhoto } from '../_testing.ts';
import { hold, withPlace } from '../buffer/_with-spool.ts';
import type { Disk } from '../buffer/disk.ts';
import type { PhotoRow } from '../buffer/journal.ts';
import { KeyedLock } from '../buffer/keyed-lock.ts';
import { bufferKey, LocalStore } from '../buffer/local-store.ts';
import { realDisk } from '../buffer/real-disk.ts';
import { Scrub } from '../buffer/scrub.ts';
import { Spool } from '../buffer/spool.ts';
import type { CoreClient } from '../forward/core-client.ts';
import { Repair } from './repair.ts';

const PHOTO = toPhoto(Buffer.from('the bytes of a photo'));
const OTHER = 'other bytes of a pho';
const { sha256 } = PHOTO;

/** A photo with a receipt and a copy, for which the centre asks. */
const asked = (
  use: (given: {
    row: () => PhotoRow;
    answer: (disk?: Partial<Disk>) => Promise<string>;
    /** What the scrub does with it. */
    mend: () => Promise<void>;
    spoilSpool: () => Promise<void>;
    spoilCopy: () => Promise<void>;
    setAway: (away: boolean) => void;
    noCopy: () => void;
    /** The journal is lost, and whether strays have been looked for since. */
    forget: (isSettled: boolean) => void;
    noFile: () => Promise<void>;
    raised: string[];
  }) => Promise<void>,
) =>
  withPlace(async (place) => {
    const { folder, journal, spool } = place;
    await hold(place, PHOTO, '01J00000000000000000000000');
    journal.settleSighting('01J00000000000000000000000', 1, null);
    const store = new DirectoryObjectStore(join(folder, 'store'));
    const get = store.get.bind(store);
    let away = false;
    let isSettled = true;
    store.get = async (key) => (away ? Promise.reject(new Error('away')) : await get(key));
    const localStore = new LocalStore(store, spool, journal, systemClock, silent);
    await localStore.bufferPending(1, new AbortController().signal);
    journal.update(sha256, { state: 'verified', receipt: 'r', verified_at: 1, reconciled_at: 2 });
    const raised: string[] = [];
    const locks = new KeyedLock();
    const common = { journal, localStore, locks, clock: systemClock, log: silent };
    const limits = { bytesMax: 1e8, pixelsMax: 1e8 };
    await use({
      row: () => journal.photo(sha256) as PhotoRow,
      answer: async (disk = {}) => {
        const onDisk = { folder, limits, disk: { ...realDisk, ...disk }, onStep: () => {} };
        const repair = new Repair({
          ...{ ...common, spool: new Spool(onDisk), core: {} as CoreClient },
          isSettled: () => isSettled,
          onLost: () => raised.push('lost'),
          onChanged: () => raised.push('changed'),
        });
        return await repair.answer(sha256);
      },
      mend: async () => {
        await new Scrub({ ...common, spool, onChecked: () => {}, onChanged: () => {} }).round();
      },
      spoilSpool: () => writeFile(spool.pathOf(sha256), OTHER),
      spoilCopy: () => writeFile(join(folder, 'store', bufferKey(sha256)), OTHER),
      setAway: (next) => {
        away = next;
      },
      forget: (next) => {
        isSettled = next;
        journal.run('DELETE FROM sightings');
        journal.run('DELETE FROM photos');
      },
      noCopy: () => journal.update(sha256, { buffered_at: null }),
      noFile: async () => {
        journal.update(sha256, { in_spool: 0 });
        await spool.removePhoto(sha256);
      },
      raised,
    });
  });

const VOID = { state: 'queued', receipt: null, verified_at: null, reconciled_at: null } as const;
const SPOILT = { ...VOID, parked: 'BYTES_CHANGED', last_error: 'BYTES_CHANGED' } as const;

describe('a photo that the centre has lost', () => {
  test('is sent again where its bytes are sound, in the spool or in the local store', () =>
    asked(async ({ row, answer, noFile, raised }) => {
      await noFile();
      expect(await answer()).toBe('queued');
      expect(row()).toMatchObject({ ...VOID, parked: null, lane: 1, due_at: 0 });
      expect(raised).toEqual(['lost']);
    }));

  test('and of which the bytes have changed is never removed as sent', () =>
    asked(async ({ row, answer, spoilSpool, noCopy, raised }) => {
      noCopy();
      await spoilSpool();
      expect(await answer()).toBe('changed');
      expect(row()).toMatchObject(SPOILT);
      expect(row().quarantine).toContain('changed');
      expect(row().due_at).toBeGreaterThan(Date.now());
      expect(raised).toEqual(['lost', 'changed']);
      expect(await answer()).toBe('changed');
    }));

  test('and of which the disk gives nothing back is answered for, too', () =>
    asked(async ({ row, answer, noCopy }) => {
      noCopy();
      const read = () => {
        throw Object.assign(new Error('EIO'), { code: 'EIO' });
      };
      expect(await answer({ read })).toBe('changed');
      expect(row()).toMatchObject(SPOILT);
    }));

  test('gets the bytes of its sound copy back, and is sent with those', () =>
    asked(async ({ row, answer, mend, spoilSpool }) => {
      await spoilSpool();
      expect(await answer()).toBe('queued');
      expect(row()).toMatchObject(SPOILT);
      await mend();
      expect(row()).toMatchObject({ ...VOID, parked: null, quarantine: null, due_at: 0 });
      expect(await answer()).toBe('queued');
    }));

  test.each([
    ['in the spool too', false],
    ['alone', true],
  ])('is not sent from a copy that has changed: %s', (_name, alone) =>
    asked(async ({ row, answer, mend, spoilSpool, spoilCopy, noFile }) => {
      await spoilCopy();
      await (alone ? noFile() : spoilSpool());
      expect(await answer()).toBe('changed');
      expect(row()).toMatchObject(SPOILT);
      await mend();
      expect(row().buffered_at).toBeNull();
    }),
  );

  test('is not called unknown before the box knows what its own store holds', () =>
    asked(async ({ answer, forget }) => {
      forget(false);
      expect(String(await rejection(answer()))).toContain('may have a copy');
      forget(true);
      expect(await answer()).toBe('unknown');
    }));

  test('is answered for later where only a store that is away can tell, and not removed meanwhile', () =>
    asked(async ({ row, answer, spoilSpool, setAway }) => {
      await spoilSpool();
      setAway(true);
      expect(String(await rejection(answer()))).toContain('away');
      expect(row()).toMatchObject(SPOILT);
      setAway(false);
      expect(await answer()).toBe('queued');
    }));
});
