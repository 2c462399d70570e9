import { expect, test } from 'bun:test';
import { RestartPause } from './restart-pause.ts';

/** Milliseconds after each of `lives`, where chance gives the share `random` of what is possible. */
function pauses(lives: readonly number[], random: number): readonly number[] {
  const pause = new RestartPause(() => random);
  return lives.map((livedMs) => pause.next(livedMs));
}

test('a server that ends again and again is started ever later, after half a minute at most', () => {
  const lives = Array.from({ length: 9 }, () => 100);
  const most = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000];
  expect(pauses(lives, 1)).toEqual(most.map((ms) => 250 + ms));
  expect(pauses(lives, 0.5)).toEqual(most.map((ms) => 250 + ms / 2));
  expect(pauses(lives, 0)).toEqual(lives.map(() => 250));
});

test('one that has worked for a minute is started at once again', () => {
  expect(pauses([100, 100, 60_001, 100], 1)).toEqual([750, 1_250, 750, 1_250]);
});

test('a server that was replaced leaves no failures behind', () => {
  const pause = new RestartPause(() => 1);
  pause.next(100);
  pause.next(100);
  pause.reset();
  expect(pause.next(100)).toBe(750);
});
