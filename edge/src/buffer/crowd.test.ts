import { expect, test } from 'bun:test';
import { Crowd } from './crowd.ts';

function crowdOf() {
  const clock = { now: 0 };
  const crowd = new Crowd(() => clock.now);
  /** Photos of several cameras, one each 10 ms until `untilMs`; when they went first. */
  const send = (untilMs: number) => {
    const first: number[] = [];
    crowd.begun();
    for (; clock.now < untilMs; clock.now += 10) {
      crowd.begun();
      if (crowd.goesFirst) first.push(clock.now);
      crowd.taken();
      crowd.ended();
    }
    crowd.ended();
    return first;
  };
  return { clock, crowd, send };
}

test('a crowd goes first for a second from its first photo; one that stays does not', () => {
  const { send } = crowdOf();
  const first = send(60_000);
  expect(first[0]).toBe(10);
  expect(first.at(-1)).toBe(990);
  expect(first).toHaveLength(99);
});

test('after a calm it is a new one, however seldom anybody looks', () => {
  const { clock, send } = crowdOf();
  send(5_000);
  clock.now += 900;
  expect(send(10_000)).toEqual([]);
  clock.now += 1_100;
  expect(send(20_000)[0]).toBe(11_110);
});

test('one camera is no crowd, nor is one beside an upload that only takes long', () => {
  const { clock, crowd } = crowdOf();
  const seen: boolean[] = [];
  const photo = () => {
    crowd.begun();
    seen.push(crowd.goesFirst);
    crowd.taken();
    crowd.ended();
  };
  for (let at = 0; at < 3; at++) photo();
  crowd.begun();
  for (let at = 0; at < 3; at++) {
    photo();
    clock.now += 1_000;
  }
  expect(seen).not.toContain(true);
});
