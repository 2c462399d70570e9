import { expect, test } from 'bun:test';
import { Breaker } from './breaker.ts';

test('opens after three failures, lets one try at a time, and says when it closes', () => {
  let now = 0;
  let closed = 0;
  const breaker = new Breaker(
    () => now,
    () => closed++,
  );
  for (let i = 0; i < 3; i++) {
    expect(breaker.enter()).toBe(true);
    breaker.fail('down', 1000);
  }
  expect(breaker.closed).toBe(false);
  expect(breaker.reason).toBe('down');
  expect(breaker.enter()).toBe(false);
  now = 999;
  expect(breaker.waitMs()).toBe(1);
  now = 1000;
  expect(breaker.enter()).toBe(true);
  expect(breaker.enter()).toBe(false);
  breaker.leave();
  expect(breaker.enter()).toBe(true);
  breaker.fail('still down', 500);
  expect(breaker.enter()).toBe(false);
  now = 20_000;
  expect(breaker.enter()).toBe(true);
  breaker.succeed();
  expect(closed).toBe(1);
  expect([breaker.enter(), breaker.enter()]).toEqual([true, true]);
  expect(breaker.reason).toBeNull();
});

test('one success forgets the failures before it', () => {
  const breaker = new Breaker(() => 0);
  for (let i = 0; i < 10; i++) {
    breaker.fail('flapping');
    breaker.fail('flapping');
    breaker.succeed();
  }
  expect(breaker.closed).toBe(true);
});

test('what stood between here and there may be gone: then it is tried within a second', () => {
  for (const draw of [0, 0.5, 0.999]) {
    let now = 0;
    const breaker = new Breaker(
      () => now,
      () => {},
      () => draw,
    );
    for (; now <= 3_600_000; now += 300_000) breaker.fail('away');
    breaker.hasten();
    expect(breaker.waitMs()).toBeLessThanOrEqual(1_000 * draw);
    // It asked to be left alone for a minute: that counts, and nothing hastens a pause into being.
    breaker.fail('slow down', 60_000);
    breaker.hasten();
    expect(breaker.waitMs()).toBe(60_000);
    breaker.succeed();
    breaker.hasten();
    expect(breaker.closed).toBe(true);
  }
});
