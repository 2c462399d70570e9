import { expect, test } from 'bun:test';
import { systemClock } from '@demeter/common/clock';
import { testPhoto } from '../_testing.ts';
import { ANONYMOUS_CAMERA } from '../cameras.ts';
import { withPlace } from './_with-spool.ts';
import { type Arrival, Intake } from './intake.ts';
import { KeyedLock } from './keyed-lock.ts';
import { Quota } from './quota.ts';
import { realDisk } from './real-disk.ts';

const ARRIVAL: Arrival = {
  camera: ANONYMOUS_CAMERA,
  fileName: null,
  capturedAt: null,
  capturedAtSource: 'none',
  locationCode: null,
  expectedSha256: null,
  correlationId: 'journey-0001',
  traceparent: null,
};

test('photos in quick succession are a crowd, an upload that only takes long is none', () =>
  withPlace(async ({ folder, spool, journal }) => {
    let monotonic = 0;
    const intake = new Intake({
      ...{ spool, journal, locks: new KeyedLock() },
      quota: new Quota(folder, realDisk, 1e12, () => 0),
      clock: { ...systemClock, monotonic: () => monotonic },
      onStep: () => {},
      onAccepted: () => {},
      onOver: () => {},
      onAlarm: () => {},
    });
    const [slow, quick] = await Promise.all([testPhoto(1, 400, 300), testPhoto(2, 400, 300)]);
    const rest = Promise.withResolvers<void>();
    const chunks = async function* () {
      yield slow.bytes.subarray(0, 1_000);
      await rest.promise;
      yield slow.bytes.subarray(1_000);
    };
    const taking = intake.accept(chunks(), slow.bytes.length, () => ARRIVAL);
    expect(intake.isCrowded).toBe(false);
    const seen: boolean[] = [];
    const whole = async function* () {
      seen.push(intake.isCrowded);
      yield quick.bytes;
    };
    for (let turn = 0; turn < 3; turn++) {
      await intake.accept(whole(), quick.bytes.length, () => ARRIVAL);
      // The third comes a second after the second.
      monotonic += turn === 0 ? 20 : 1_000;
    }
    expect(seen).toEqual([false, true, false]);
    rest.resolve();
    await taking;
    expect(intake.isCrowded).toBe(false);
  }));
