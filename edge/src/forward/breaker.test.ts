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
