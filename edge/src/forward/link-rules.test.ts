import { describe, expect, test } from 'bun:test';
import type { Hours } from '@demeter/common/edge-configuration/schema';
import { Breaker } from './breaker.ts';
import { type Concurrency, nextConcurrency, START, windowPhotos } from './concurrency.ts';
import { dayOf, isWithin } from './hours.ts';
import { type Bucket, take } from './token-bucket.ts';

/** Numbers in [0, 1) from a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);

describe('the token bucket', () => {
  test.each(SEEDS)('over any five minutes no more than 105 % leaves (seed %i)', (seed) => {
    const random = seeded(seed);
    const bytesPerSecond = 1_000 + random() * 1_000_000;
    const rate = { bytesPerSecond, burstBytes: bytesPerSecond };
    let bucket: Bucket = { bytes: rate.burstBytes, at: 0 };
    const sent: { at: number; bytes: number }[] = [];
    const takers = Array.from({ length: 1 + Math.floor(random() * 4) }, () => random() * 5_000);
    // Each taker waits for its bytes before it asks again, as senders do; some pause for long.
    while (Math.min(...takers) < 900_000) {
      const taker = takers.indexOf(Math.min(...takers));
      const now = takers[taker]!;
      const bytes = Math.ceil(random() * (bytesPerSecond / 4));
      const taken = take(bucket, rate, now, bytes);
      bucket = taken.bucket;
      sent.push({ at: now + taken.waitMs, bytes });
      takers[taker] = now + taken.waitMs + (random() < 0.02 ? random() * 60_000 : 0);
    }
    sent.sort((a, b) => a.at - b.at);
    let inside = 0;
    let first = 0;
    for (const { at, bytes } of sent) {
      inside += bytes;
      for (; sent[first]!.at < at - 300_000; first++) inside -= sent[first]!.bytes;
      expect(inside).toBeLessThanOrEqual(bytesPerSecond * 300 * 1.05);
    }
  });

  test('a link that is always wanted is used: nothing is held back without need', () => {
    const rate = { bytesPerSecond: 125_000, burstBytes: 125_000 };
    let bucket: Bucket = { bytes: 0, at: 0 };
    let now = 0;
    let sent = 0;
    while (now < 300_000) {
      const taken = take(bucket, rate, now, 16_384);
      bucket = taken.bucket;
      now += taken.waitMs;
      sent += 16_384;
    }
    expect(sent).toBeGreaterThan(125_000 * 300 * 0.99);
  });
});

describe('concurrency', () => {
  const settle = (rateAt: (limit: number) => number, windows = 60, max = 4) => {
    let state: Concurrency = START;
    const limits: number[] = [];
    for (let at = 0; at < windows; at++) {
      state = nextConcurrency(state, { bytes: rateAt(state.limit), ms: 1, failed: false }, max);
      limits.push(state.limit);
    }
    return limits;
  };

  test('doubles from the start while that makes it faster, and stays at the most', () => {
    expect(settle((limit) => limit * 100, 60, 16)).toEqual([4, 8, ...Array(58).fill(16)]);
    // Few photos tell at the start; more of them afterwards.
    expect(windowPhotos(START)).toBe(2);
    expect(windowPhotos({ ...START, limit: 4, starting: false })).toBe(16);
  });

  test('stays where it is for the most part where fewer fill the link already', () => {
    const limits = settle(() => 100);
    expect(limits.filter((limit) => limit === START.limit).length).toBeGreaterThan(
      limits.length * 0.8,
    );
  });

  test('goes up by one after a failure, no more by doubling', () => {
    let state = nextConcurrency({ ...START, limit: 8 }, { bytes: 0, ms: 1, failed: true }, 16);
    expect(state.limit).toBe(4);
    const limits: number[] = [];
    for (let at = 0; at < 4; at++) {
      state = nextConcurrency(state, { bytes: state.limit * 100, ms: 1, failed: false }, 16);
      limits.push(state.limit);
    }
    expect(limits).toEqual([4, 5, 6, 7]);
  });

  test.each(SEEDS)('stays within its bounds, and a failure never raises it (seed %i)', (seed) => {
    const random = seeded(seed);
    let state: Concurrency = START;
    for (let at = 0; at < 200; at++) {
      const max = 1 + Math.floor(random() * 16);
      const window = { bytes: random() * 1e7, ms: random() * 10_000, failed: random() < 0.2 };
      const next = nextConcurrency(state, window, max);
      if (window.failed) expect(next.limit).toBeLessThanOrEqual(state.limit);
      expect(next.limit).toBeGreaterThanOrEqual(1);
      expect(next.limit).toBeLessThanOrEqual(Math.max(max, state.limit));
      expect(next.limit).toBeLessThanOrEqual(state.limit * (state.starting ? 2 : 1) + 1);
      state = next;
    }
  });
});

describe('hours', () => {
  const at = (text: string) => Date.parse(text);
  const night: Hours[] = [{ from: '20:00', to: '06:00' }];
  const work: Hours[] = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '16:30' }];
  const friday: Hours[] = [{ days: ['fri'], from: '22:00', to: '02:00' }];

  test.each([
    [night, 'UTC', '2026-05-04T23:30:00Z', true],
    [night, 'UTC', '2026-05-04T05:59:59Z', true],
    [night, 'UTC', '2026-05-04T06:00:00Z', false],
    [night, 'Europe/Berlin', '2026-05-04T18:30:00Z', true],
    [night, 'Europe/Berlin', '2026-01-04T18:30:00Z', false],
    [work, 'UTC', '2026-05-04T08:00:00Z', true],
    [work, 'UTC', '2026-05-03T08:00:00Z', false],
    [work, 'America/Bogota', '2026-05-05T00:00:00Z', false],
    [work, 'America/Bogota', '2026-05-04T21:00:00Z', true],
    [friday, 'UTC', '2026-05-09T01:00:00Z', true],
    [friday, 'UTC', '2026-05-08T01:00:00Z', false],
    [undefined, 'UTC', '2026-05-08T01:00:00Z', true],
    [[{ from: '00:00', to: '24:00' }], 'UTC', '2026-05-08T23:59:00Z', true],
  ] as [Hours[] | undefined, string, string, boolean][])(
    '%j in %s at %s: %p',
    (hours, zone, time, open) => {
      expect(isWithin(hours, zone, at(time))).toBe(open);
    },
  );

  test('a day is that of the zone', () => {
    expect(dayOf(at('2026-04-30T23:30:00Z'), 'Europe/Berlin')).toBe('2026-05-01');
    expect(dayOf(at('2026-05-01T03:30:00Z'), 'America/Bogota')).toBe('2026-04-30');
  });
});

describe('a fleet of 1,000 boxes', () => {
  test('does not come back as a herd after six hours without the centre', () => {
    const random = seeded(7);
    const backAt = 6 * 3_600_000;
    const perSecond = new Map<number, number>();
    const waits: number[] = [];
    for (let box = 0; box < 1_000; box++) {
      let now = random() * 10_000;
      const breaker = new Breaker(
        () => now,
        () => {},
        random,
      );
      while (!breaker.closed || now < backAt) {
        if (!breaker.enter()) {
          now += breaker.waitMs();
          continue;
        }
        const second = Math.floor(now / 1000);
        if (now > 600_000) perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
        if (now >= backAt) breaker.succeed();
        else breaker.fail('away');
      }
      waits.push(now - backAt);
    }
    // 1,000 boxes with pauses of 150 s in the mean: 6 to 7 requests a second.
    expect(Math.max(...perSecond.values())).toBeLessThan(40);
    expect(Math.max(...waits)).toBeLessThanOrEqual(300_000);
  });

  test('a box whose centre was away for seconds is back within seconds', () => {
    const random = seeded(8);
    for (let box = 0; box < 100; box++) {
      let now = 0;
      const breaker = new Breaker(
        () => now,
        () => {},
        random,
      );
      while (now < 12_000 || !breaker.closed) {
        if (!breaker.enter()) now += breaker.waitMs();
        else if (now < 12_000) breaker.fail('away');
        else breaker.succeed();
        if (breaker.closed) now += 100;
      }
      expect(now).toBeLessThan(12_000 + 5_000);
    }
  });
});
