import { describe, expect, test } from 'bun:test';
import type { Clock } from '@demeter/common/clock';
import { Breaker } from './breaker.ts';

function manualClock(): Clock & { advance(ms: number): void } {
  let now = 0;
  return {
    now: () => now,
    monotonic: () => now,
    sleep: async () => {},
    advance: (ms) => {
      now += ms;
    },
  };
}

describe('breaker', () => {
  test('opens after five failures in a row, then lets one photo through', () => {
    const clock = manualClock();
    const breaker = new Breaker(clock);
    for (let i = 0; i < 4; i++) breaker.failed();
    expect(breaker.admits(3)).toBe(true);
    breaker.failed();
    expect(breaker.admits(0)).toBe(false);
    clock.advance(30_000);
    expect(breaker.admits(0)).toBe(true);
    expect(breaker.admits(1)).toBe(false);
    breaker.failed();
    expect(breaker.state).toBe('open');
    clock.advance(30_000);
    breaker.succeeded();
    expect(breaker.state).toBe('closed');
  });

  test('a success in between starts the count anew', () => {
    const breaker = new Breaker(manualClock());
    for (let i = 0; i < 20; i++) {
      breaker.failed();
      if (i % 4 === 3) breaker.succeeded();
    }
    expect(breaker.state).toBe('closed');
  });
});
