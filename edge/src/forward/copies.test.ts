import { expect, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DirectoryObjectStore } from '@demeter/common/object-store/directory';
import { rejection } from '@demeter/common/testing';
import { silent, toPhoto } from '../_testing.ts';
import { hold, type Place, withPlace } from '../buffer/_with-spool.ts';
import type { PhotoRow } from '../buffer/journal.ts';
import { bufferKey, LocalStore } from '../buffer/local-store.ts';
import { VirtualClock } from './_virtual-clock.ts';
import { Breaker } from './breaker.ts';
import { Busy } from './busy.ts';
import { Delivery, type DeliveryOptions } from './delivery.ts';
import { PhotoFailure } from './failures.ts';
import { Passage } from './gate.ts';
import { Outcome } from './outcome.ts';
import type { Upload } from './transport.ts';

const PHOTO = toPhoto(Buffer.from('the bytes of a photo'));
const { sha256 } = PHOTO;
const { signal } = new AbortController();

/** A photo that the local store alone holds, and one try to send it; `raised` are the alarms. */
async function sending(
  use: (given: { place: Place; copy: string; raised: string[]; row: () => PhotoRow }) => Promise<{
    /** What of the try fails where the copy can be opened. */
    readonly put: unknown;
    readonly tries: number;
  }>,
  check: (row: PhotoRow, raised: readonly string[]) => void,
) {
  await withPlace(async (place) => {
    const { folder, journal, spool } = place;
    const clock = new VirtualClock(1_000_000);
    const store = new DirectoryObjectStore(join(folder, 'store'));
    const localStore = new LocalStore(store, spool, journal, clock, silent);
    await hold(place, PHOTO, '01J00000000000000000000000');
    await localStore.bufferPending(1, signal);
    journal.update(sha256, { state: 'queued', in_spool: 0 });
    await spool.removePhoto(sha256);
    const row = () => journal.photo(sha256) as PhotoRow;
    const raised: string[] = [];
    const copy = join(folder, 'store', bufferKey(sha256));
    const { put, tries } = await use({ place, copy, raised, row });

    const breakers = { core: new Breaker(() => 0), store: new Breaker(() => 0) };
    const busy = new Busy(
      4,
      () => 0,
      () => {},
    );
    const options = {
      ...{ journal, spool, localStore, clock, log: silent, onStep: () => {} },
      core: {
        grant: async () => ({ state: 'put', grant: { url: '', headers: {} } }),
        urlOf: () => new URL('http://store.test'),
      },
      link: { paced: (bytes: unknown) => bytes },
      transport: {
        upload: async ({ body }: Upload) => {
          for await (const chunk of body) expect(chunk.length).toBe(PHOTO.bytes.length);
          throw put;
        },
      },
    } as unknown as DeliveryOptions;
    const outcome = new Outcome(
      {
        ...{ journal, spool, localStore, clock, log: silent, random: () => 1 },
        onFailure: () => {},
        onAlarm: (kind) => raised.push(kind),
      },
      breakers,
    );
    for (let at = 0; at < tries; at++) {
      busy.asking.tryEnter();
      const passage = new Passage(busy.asking);
      const delivery = new Delivery(options, breakers, busy);
      const error = await rejection(delivery.deliver(row(), passage, signal));
      passage.end();
      // By the transport's own words it is what `put` says.
      await outcome.note(row(), error instanceof PhotoFailure ? error : put, signal);
    }
    check(row(), raised);
  });
}

test('a copy that has gone, with the store as this box left it, is missing: said once, and parked', () =>
  sending(
    async ({ copy }) => {
      await Bun.file(copy).delete();
      return { put: null, tries: 2 };
    },
    (row, raised) => {
      expect(row).toMatchObject({ state: 'queued', parked: 'BYTES_MISSING', buffered_at: null });
      expect(raised).toEqual(['photos_lost']);
    },
  ));

test('a copy that the disk has changed is not put again and again as if it were whole', () =>
  sending(
    async ({ copy }) => {
      await writeFile(copy, 'other bytes of a pho');
      return { put: new PhotoFailure('checksum_refused', 'refused'), tries: 1 };
    },
    (row, raised) => {
      expect(row).toMatchObject({ state: 'queued', parked: 'BYTES_CHANGED' });
      expect(row.quarantine).toContain('changed');
      expect(raised).toEqual(['bytes_changed']);
    },
  ));
