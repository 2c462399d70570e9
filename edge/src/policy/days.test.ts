import { expect, test } from 'bun:test';
import { silent, toPhoto } from '../_testing.ts';
import { hold, withPlace } from '../buffer/_with-spool.ts';
import { Janitor } from '../buffer/janitor.ts';
import { KeyedLock } from '../buffer/keyed-lock.ts';
import { VirtualClock } from '../forward/_virtual-clock.ts';
import { CentreTime } from '../forward/centre-time.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-06-01T12:00:00Z');

test('a box that starts without a link, its clock a year ahead, gives nothing up', () =>
  withPlace(async (place) => {
    const { journal, spool } = place;
    const photo = toPhoto(Buffer.from('kept for thirty days'));
    await hold(place, photo, '01M7Y229KWF6W0YGQCKFJKZE6R');
    const kept = {
      state: 'rejected_kept',
      keep_until: NOW + 30 * DAY_MS,
      stood_in_at: NOW,
    } as const;
    journal.update(photo.sha256, kept);
    const clock = new VirtualClock(NOW + 365 * DAY_MS);
    const time = new CentreTime(clock);
    const janitor = new Janitor({
      ...{ spool, journal, clock, log: silent, localStore: null, locks: new KeyedLock() },
      quotaBytes: 1e9,
      keepMs: 0,
      knownMs: DAY_MS,
      onEvicted: () => {},
      centreMustKnow: true,
      keptNow: () => time.earliest(),
    });
    const state = async () => {
      await janitor.run();
      return journal.photo(photo.sha256)?.state;
    };
    expect(await state()).toBe('rejected_kept');
    await clock.pass(60 * DAY_MS);
    expect(await state()).toBe('rejected_kept');
    // Reached again, on the tenth day: from here the monotonic clock counts on.
    time.note(new Date(NOW + 10 * DAY_MS).toUTCString(), clock.monotonic());
    expect(await state()).toBe('rejected_kept');
    await clock.pass(19 * DAY_MS);
    expect(await state()).toBe('rejected_kept');
    // Set right, and back: the earlier of both counts.
    clock.wall -= 700 * DAY_MS;
    await clock.pass(2 * DAY_MS);
    expect(await state()).toBe('rejected_kept');
    clock.wall += 1_400 * DAY_MS;
    expect(await state()).toBe('resolved');
  }));
