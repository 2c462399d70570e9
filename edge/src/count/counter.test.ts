import { expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import { rejection } from '@demeter/common/testing';
import { silent, withFolder } from '../_testing.ts';
import { Journal } from '../buffer/journal.ts';
import { countOf } from './count-ledger.ts';
import { Counter, type CounterOptions } from './counter.ts';
import { type Counting, CountLost, CountServerAway } from './mesh-counting.ts';

const [FIRST, SECOND] = ['11'.repeat(32), '22'.repeat(32)] as const;
const HOUR_MS = 3_600_000;

/** Time passes at once, and is noted. */
class QuickClock {
  time = Date.parse('2026-06-01T10:00:00Z');
  readonly slept: number[] = [];
  now = () => this.time;
  monotonic = () => this.time;
  sleep = async (ms: number) => {
    this.slept.push(ms);
    this.time += ms;
    await systemClock.sleep(0);
  };
}

interface Scene {
  readonly journal: Journal;
  readonly clock: QuickClock;
  /** Runs until `done`. */
  readonly run: (
    counting: Partial<Counting>,
    done: () => boolean,
    centreCounts?: CounterOptions['centreCounts'],
  ) => Promise<Counter>;
  readonly hold: (sha256: string) => void;
}

async function scene(use: (scene: Scene) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    mkdirSync(join(folder, 'spool'));
    const journal = Journal.open(join(folder, 'journal.sqlite'));
    const clock = new QuickClock();
    const hold = (sha256: string) => {
      writeFileSync(join(folder, 'spool', sha256), sha256);
      journal.run(
        `INSERT INTO photos (sha256, size_bytes, media_type, width, height, state, camera,
           correlation_id, accepted_at) VALUES (?, 7, 'image/jpeg', 4, 3, 'judged', 'c', 'x', ?)`,
        sha256,
        clock.time,
      );
    };
    const run: Scene['run'] = async (counting, done, centreCounts = async () => []) => {
      const stop = new AbortController();
      const counter = new Counter({
        journal,
        counting: { count: async () => ({ count: 1, model: 'm/1' }), close: () => {}, ...counting },
        pathOf: (sha256) => join(folder, 'spool', sha256),
        centreCounts,
        clock,
        log: silent,
      });
      const ended = counter.run(stop.signal);
      // Awaited below.
      ended.catch(() => {});
      while (!done()) {
        clock.time += 20_000;
        counter.wake();
        await systemClock.sleep(1);
      }
      stop.abort(new Error('stopping'));
      await ended;
      return counter;
    };
    try {
      await use({ journal, clock, run, hold });
    } finally {
      journal.close();
    }
  });
}

/** As the judge offers a photo, before the counter runs. */
function offer(journal: Journal, sha256: string, at: number): void {
  journal.run('INSERT INTO counts (sha256, offered_at) VALUES (?, ?)', sha256, at);
}

test('the newest photo is counted first, each once; the centre takes the place of the box', () =>
  scene(async ({ journal, clock, run, hold }) => {
    hold(FIRST);
    hold(SECOND);
    offer(journal, FIRST, clock.time - 1_000);
    offer(journal, SECOND, clock.time);
    const counted: string[] = [];
    const counting = {
      count: async ({ sha256 }: { sha256: string }) => {
        counted.push(sha256);
        return { count: sha256 === FIRST ? 10 : 20, model: 'plants/3' };
      },
    };
    await run(counting, () => counted.length === 2);
    expect(counted).toEqual([SECOND, FIRST]);
    expect(countOf(journal, FIRST)).toEqual({ value: 10, source: 'box', model: 'plants/3' });

    // Only of what it has a receipt for is the centre asked.
    journal.update(SECOND, { state: 'verified', receipt: 'r', verified_at: clock.time });
    const asked: (readonly string[])[] = [];
    const centre: CounterOptions['centreCounts'] = async (photos) => {
      asked.push(photos);
      return asked.length < 2 ? [] : [{ sha256: SECOND, count: 21 }];
    };
    const isReplaced = () => countOf(journal, SECOND)?.source === 'centre';
    await run(counting, isReplaced, centre);
    expect(countOf(journal, SECOND)).toEqual({ value: 21, source: 'centre', model: null });
    expect(asked).toEqual([[SECOND], [SECOND]]);
    expect(counted).toHaveLength(2);
  }));

test('the centre is asked for many photos at once, and seldomer while it is away', () =>
  scene(async ({ journal, clock, run, hold }) => {
    for (const sha256 of [FIRST, SECOND]) {
      hold(sha256);
      offer(journal, sha256, clock.time);
      journal.update(sha256, { state: 'verified', receipt: 'r', verified_at: clock.time });
      journal.run('UPDATE counts SET box_count = 1 WHERE sha256 = ?', sha256);
    }
    const askedAt: number[] = [];
    const centre: CounterOptions['centreCounts'] = async (photos) => {
      askedAt.push(clock.time);
      expect(photos.toSorted()).toEqual([FIRST, SECOND]);
      if (askedAt.length < 8) throw new Error('away');
      return photos.map((sha256) => ({ sha256, count: 2 }));
    };
    await run({}, () => countOf(journal, FIRST)?.source === 'centre', centre);
    expect(countOf(journal, SECOND)).toMatchObject({ value: 2, source: 'centre' });
    expect(askedAt).toHaveLength(8);
    const pauses = askedAt.slice(1).map((at, n) => at - (askedAt[n] ?? 0));
    for (const [n, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(Math.min(300_000, 15_000 * 2 ** (n + 1)));
    }
  }));

test('a server that is away costs no try; it is asked with growing pauses and the photo is counted', () =>
  scene(async ({ journal, clock, run, hold }) => {
    hold(FIRST);
    offer(journal, FIRST, clock.time);
    let tries = 0;
    const counting = {
      count: async () => {
        if (++tries <= 5) throw new CountServerAway('refused');
        return { count: 3, model: 'plants/3' };
      },
    };
    const counter = await run(counting, () => countOf(journal, FIRST) !== null);
    expect(countOf(journal, FIRST)).toMatchObject({ value: 3 });
    expect(clock.slept).toHaveLength(5);
    expect(counter.trouble).toBeNull();
  }));

test('a photo that cannot be counted is given up after two tries; one of yesterday is left', () =>
  scene(async ({ journal, clock, run, hold }) => {
    hold(FIRST);
    hold(SECOND);
    offer(journal, FIRST, clock.time);
    offer(journal, SECOND, clock.time - 25 * HOUR_MS);
    const tried: string[] = [];
    const counting = {
      count: async ({ sha256 }: { sha256: string }) => {
        tried.push(sha256);
        throw new AppError('UNDECODABLE_PHOTO', 'torn');
      },
    };
    const failures = () =>
      journal.all<{ failures: number }>('SELECT failures FROM counts WHERE sha256 = ?', FIRST);
    await run(counting, () => failures()[0]?.failures === 2);
    expect(tried).toEqual([FIRST, FIRST]);
    expect(countOf(journal, FIRST)).toBeNull();
  }));

test('a photo over which the server ends twice is left, and the others are counted', () =>
  scene(async ({ journal, clock, run, hold }) => {
    hold(FIRST);
    hold(SECOND);
    offer(journal, FIRST, clock.time - 1_000);
    offer(journal, SECOND, clock.time);
    const tried: string[] = [];
    const counting = {
      count: async ({ sha256 }: { sha256: string }) => {
        tried.push(sha256);
        if (sha256 === SECOND) throw new CountLost('the server ended the stream');
        return { count: 1, model: 'plants/3' };
      },
    };
    await run(counting, () => countOf(journal, FIRST) !== null);
    expect(tried).toEqual([SECOND, SECOND, FIRST]);
  }));

test('a journal that fails takes the server from no count that follows', () =>
  scene(async ({ journal, run }) => {
    let closed = 0;
    const counting = { close: () => void closed++ };
    journal.run('ALTER TABLE counts RENAME TO away');
    let turns = 0;
    const failed = rejection(run(counting, () => turns++ > 0));
    expect(String(await failed)).toContain('no such table');
    expect(closed).toBe(0);
    journal.run('ALTER TABLE away RENAME TO counts');
    await run(counting, () => true);
    expect(closed).toBe(1);
  }));

test('looking for the next photo reads an index, however many were counted', () =>
  scene(async ({ journal }) => {
    const plans = [
      'SELECT sha256 FROM counts WHERE box_count IS NULL AND failures < 2 AND offered_at > 1 ORDER BY offered_at DESC LIMIT 1',
      'SELECT sha256 FROM counts WHERE box_count IS NOT NULL AND centre_count IS NULL AND offered_at > 1 ORDER BY offered_at DESC LIMIT 20',
    ].map((sql) => journal.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`));
    expect(plans[0]?.[0]?.detail).toContain('counts_waiting');
    expect(plans[1]?.[0]?.detail).toContain('counts_provisional');
  }));
