import { expect, test } from 'bun:test';
import type { AppError } from '@demeter/common/errors';
import { BackOff } from './back-off.ts';

/** Seconds for which the door is locked; 0: it is open. */
function lockedFor(door: BackOff): number {
  try {
    door.requireOpen();
    return 0;
  } catch (error) {
    return (error as AppError).retryAfterSeconds ?? Number.NaN;
  }
}

test('wrong tries lock the door for twice as long each, up to a quarter of an hour', () => {
  let now = 0;
  const door = new BackOff(() => now);
  const locked: number[] = [];
  for (let tries = 0; tries < 14; tries++) {
    door.note(false);
    const seconds = lockedFor(door);
    locked.push(seconds);
    now += seconds * 1000;
  }
  expect(locked).toEqual([0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  door.note(true);
  expect(lockedFor(door)).toBe(0);
  door.note(false);
  expect(lockedFor(door)).toBe(0);
});
