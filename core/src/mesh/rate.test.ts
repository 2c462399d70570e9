import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { Rate } from './rate.ts';

test('ten tiles in each second of work, however long the pauses, are ten tiles a second', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ work: fc.integer({ min: 1, max: 20 }), pause: fc.nat(10_000) }), {
        minLength: 1,
        maxLength: 30,
      }),
      (days) => {
        const rate = new Rate();
        let now = 0;
        for (const { work, pause } of days) {
          for (let second = 0; second < work; second++) {
            rate.inFlight(1, now * 1000);
            now++;
            rate.inFlight(0, now * 1000);
            rate.done(10);
          }
          now += pause;
        }
        expect(rate.tilesPerSecond).toBeCloseTo(10, 6);
      },
    ),
  );
});

test('a server that becomes slower is soon measured as slower', () => {
  const rate = new Rate();
  let now = 0;
  const work = (seconds: number, tiles: number) => {
    for (let i = 0; i < seconds; i++) {
      rate.inFlight(1, now);
      now += 1000;
      rate.inFlight(0, now);
      rate.done(tiles);
    }
  };
  work(300, 100);
  work(120, 10);
  expect(rate.tilesPerSecond).toBeLessThan(20);
});

test('nothing is said of a server that has done nothing', () => {
  expect(new Rate().tilesPerSecond).toBe(0);
});
