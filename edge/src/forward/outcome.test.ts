import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { silent } from '../_testing.ts';
import { sidecarFor } from '../buffer/_with-spool.ts';
import { Journal, type PhotoRow } from '../buffer/journal.ts';
import type { Spool } from '../buffer/spool.ts';
import { VirtualClock } from './_virtual-clock.ts';
import { Breaker } from './breaker.ts';
import { Busy } from './busy.ts';
import { Delivery, type DeliveryOptions } from './delivery.ts';
import { DestinationFailure, NotTried, PhotoFailure, Refusal } from './failures.ts';
import { Passage } from './gate.ts';
import { Outcome } from './outcome.ts';

const SHA = 'ab'.repeat(32);
const { signal } = new AbortController();

/** A photo in this state; `again` is what an accept does that replaces its bytes. */
function photoIn(state: PhotoRow['state']) {
  const journal = Journal.over(new Database(':memory:', { strict: true }));
  let sightings = 0;
  const again = () => {
    const sidecar = sidecarFor(SHA, 4, `01J0000000000000000000000${sightings++}`);
    journal.addPhoto(sidecar);
    journal.addSighting(SHA, sidecar.sighting);
  };
  again();
  journal.update(SHA, { state, attempts: 3 });
  const row = () => journal.photo(SHA) as PhotoRow;
  return { journal, again, row };
}

const breakers = { core: new Breaker(() => 0), store: new Breaker(() => 0) };

function outcomeOf(journal: Journal, isSound: () => Promise<boolean>, raised: string[] = []) {
  const options = {
    ...{ journal, localStore: null, clock: new VirtualClock(1e9), log: silent, random: () => 1 },
    spool: { isSound } as unknown as Spool,
    onFailure: () => {},
    onAlarm: (kind: string) => raised.push(kind),
  };
  return new Outcome(options, breakers);
}

describe('a photo whose bytes came anew while spoilt ones were being sent', () => {
  const AS_NEW = { state: 'spooled', attempts: 0, due_at: 0, parked: null, last_error: null };

  test.each([
    ['the store refuses the old bytes', new PhotoFailure('checksum_refused', 'BadDigest')],
    ['the disk does not give them back', new PhotoFailure('bytes_changed', 'EIO')],
    ['the core does not find them', new Refusal('PHOTO_NOT_IN_STORE', 409, 'not there')],
    ['the core refuses them for good', new Refusal('TOO_MANY_PIXELS', 422, 'too large')],
    ['the link is cut', new DestinationFailure('store', 'link_cut', 'cut')],
    ['its turn comes in vain', new NotTried('away')],
    ['something fails in here', new Error('inside')],
  ])('is judged before it is sent, also where %s', async (_name, error) => {
    const { journal, again, row } = photoIn('uploading');
    const sent = row();
    again();
    await outcomeOf(journal, async () => true).note(sent, error, signal);
    expect(row()).toMatchObject(AS_NEW);
  });

  test('is not called changed for what was read of the old ones', async () => {
    const { journal, again, row } = photoIn('uploading');
    const raised: string[] = [];
    const isSound = async () => {
      again();
      return false;
    };
    const error = new PhotoFailure('checksum_refused', 'BadDigest');
    await outcomeOf(journal, isSound, raised).note(row(), error, signal);
    expect(row()).toMatchObject({ ...AS_NEW, quarantine: null });
    expect(raised).toEqual([]);
  });

  test('keeps the receipt that came for it meanwhile, and goes its way all the same', async () => {
    const { journal, again, row } = photoIn('stored');
    const busy = new Busy(
      1,
      () => 0,
      () => {},
    );
    const options = {
      ...{ journal, clock: new VirtualClock(1e9), log: silent, boot: { id: 'b', aheadMs: 0 } },
      core: {
        register: async () => {
          again();
          return { state: 'queued', receipt: 'signed' };
        },
      },
      receipts: { verify: async () => {} },
      ...{ onStep: () => {}, onReceipt: () => {} },
    } as unknown as DeliveryOptions;
    busy.asking.tryEnter();
    await new Delivery(options, breakers, busy).deliver(row(), new Passage(busy.asking), signal);
    expect(row()).toMatchObject({ ...AS_NEW, receipt: 'signed' });
    const open = journal.sightings(SHA).filter(({ registered_at }) => registered_at === null);
    expect(open).toHaveLength(1);
  });
});
