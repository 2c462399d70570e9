import { describe, expect, test } from 'bun:test';
import { rejection } from '@demeter/common/testing';
import { Busy } from './busy.ts';
import { Gate, Passage } from './gate.ts';

const { signal } = new AbortController();
/** Until all promises that can be settled are. */
const turn = () => Bun.sleep(0);

describe('a gate', () => {
  test('lets in so many, the others in their order as places become free', async () => {
    const gate = new Gate(() => 2);
    const inside: number[] = [];
    for (let at = 0; at < 5; at++) void gate.enter(signal).then(() => inside.push(at));
    await turn();
    expect(inside).toEqual([0, 1]);
    expect(gate.tryEnter()).toBe(false);
    gate.leave();
    await turn();
    expect(inside).toEqual([0, 1, 2]);
    gate.leave();
    gate.leave();
    await turn();
    expect(inside).toEqual([0, 1, 2, 3, 4]);
  });

  test('lets in more or fewer with the next who leaves, as its limit says', async () => {
    let limit = 1;
    const gate = new Gate(() => limit);
    let inside = 0;
    for (let at = 0; at < 6; at++) void gate.enter(signal).then(() => inside++);
    await turn();
    limit = 3;
    gate.leave();
    await turn();
    expect(inside).toBe(4);
    limit = 1;
    gate.leave();
    gate.leave();
    await turn();
    expect(inside).toBe(4);
    gate.leave();
    await turn();
    expect(inside).toBe(5);
  });

  test('whoever gives up waiting takes no place', async () => {
    const gate = new Gate(() => 1);
    expect(gate.tryEnter()).toBe(true);
    const stop = new AbortController();
    const given = gate.enter(stop.signal);
    let later = false;
    void gate.enter(signal).then(() => {
      later = true;
    });
    stop.abort(new Error('stopping'));
    expect((await rejection(given)) as Error).toMatchObject({ message: 'stopping' });
    gate.leave();
    await turn();
    expect(later).toBe(true);
  });
});

test('photos go from step to step as fast as the slowest, never more than three times the limit', async () => {
  let asked = 0;
  const busy = new Busy(
    2,
    () => 0,
    () => asked++,
  );
  const begin = () => (busy.asking.tryEnter() ? new Passage(busy.asking) : null);
  const photos = [];
  for (let photo = begin(); photo; photo = begin()) {
    photos.push(photo);
    void photo.into(busy.putting, signal).then(() => photo.into(busy.registering, signal));
    await turn();
  }
  expect(photos).toHaveLength(6);
  expect(asked).toBe(4);
  photos[0]?.end();
  await turn();
  expect(begin()).not.toBeNull();
  expect(begin()).toBeNull();
});
