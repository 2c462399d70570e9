import { describe, expect, test } from 'bun:test';
import {
  afterArrival,
  afterStall,
  type Patience,
  pieceBytesMax,
  silenceMaxMs,
  UNKNOWN,
} from './patience.ts';

const MB = 1_000_000;

describe('how long an upload may be silent', () => {
  test.each([
    // Nothing is known.
    [UNKNOWN, 2 * MB, 120_000],
    [{ ...UNKNOWN, stalls: 1 }, 300_000, 120_000],
    // Up to what 64 kbit/s need.
    [{ ...UNKNOWN, stalls: 1 }, 2 * MB, 240_000],
    [{ ...UNKNOWN, stalls: 2 }, 2 * MB, 250_000],
    // 1 MB/s: seconds would do; TCP sends lost packets again after seconds.
    [{ bytesPerMs: 1_000, stalls: 0 }, 2 * MB, 15_000],
    // 1 Mbit/s: 16 s for the whole, of which all may lie in buffers on the way.
    [{ bytesPerMs: 125, stalls: 0 }, 2 * MB, 64_000],
    [{ bytesPerMs: 125, stalls: 1 }, 2 * MB, 128_000],
    [{ bytesPerMs: 8, stalls: 3 }, 2 * MB, 250_000],
  ] as [Patience, number, number][])('%j, %d bytes: %d ms', (patience, bytes, ms) => {
    expect(silenceMaxMs(patience, bytes)).toBe(ms);
  });

  test('a link that became a hundred times slower is given enough within four tries', () => {
    let patience = afterArrival(UNKNOWN, 2 * MB, 1_000);
    // All of it in a buffer on the way: silent until it has arrived.
    const silentMs = 100_000;
    let tries = 1;
    for (; silenceMaxMs(patience, 2 * MB) <= silentMs; tries++) patience = afterStall(patience);
    expect(tries).toBeLessThanOrEqual(4);
    patience = afterArrival(patience, 2 * MB, silentMs);
    expect(silenceMaxMs(patience, 2 * MB)).toBeGreaterThan(2 * silentMs);
  });

  test('a link that became faster again is trusted again, by and by', () => {
    let patience = afterArrival(UNKNOWN, 2 * MB, 100_000);
    for (let at = 0; at < 5; at++) patience = afterArrival(patience, 2 * MB, 1_000);
    expect(silenceMaxMs(patience, 2 * MB)).toBe(15_000);
  });
});

test.each([
  ['a link of which nothing is known', UNKNOWN, 120_000],
  ['a slow one', { bytesPerMs: 8, stalls: 0 }, 120_000],
  [
    'a fast one: what it carries in a quarter of a second',
    { bytesPerMs: 8_000.5, stalls: 0 },
    2_000_125,
  ],
  ['one that has just failed', { bytesPerMs: 1_000, stalls: 1 }, 120_000],
] as [string, Patience, number][])('%s is given pieces by what it carries', (_name, of, bytes) => {
  expect(pieceBytesMax(of)).toBe(bytes);
});

test('a link that is suddenly fifty times slower still shows that it moves', () => {
  for (const bytesPerMs of [10, 100, 1_000, 10_000, 100_000]) {
    const known = { bytesPerMs, stalls: 0 };
    const pieceMs = pieceBytesMax(known) / Math.max(9, bytesPerMs / 50);
    expect(pieceMs).toBeLessThan(silenceMaxMs(known, 2 * MB));
  }
});
