import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { silent } from '../_testing.ts';
import { Journal, type PhotoRow } from '../buffer/journal.ts';
import type { Spool } from '../buffer/spool.ts';
import { VirtualClock } from './_virtual-clock.ts';
import { makeReady, nextToSend, wakeAll } from './backlog.ts';
import { Breaker } from './breaker.ts';
import { DestinationFailure, NotTried } from './failures.ts';
import { Outcome } from './outcome.ts';

const NOW = 1_000_000_000;
const WAIT_MAX_MS = 900_000;

/** A journal with photos of one lane each minute, the first at minute 0. */
function journalOf(photos: number, changes: Partial<PhotoRow> = {}): Journal {
  const journal = Journal.over(new Database(':memory:', { strict: true }));
  journal.run(
    `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
     INSERT INTO photos (sha256, size_bytes, media_type, width, height, state, camera,
       correlation_id, accepted_at, lane)
     SELECT printf('%064x', i), 1000, 'image/jpeg', 1, 1, 'judged', 'cam', 'c', i * 60000, 2 + i % 3
     FROM n`,
    photos,
  );
  const names = Object.keys(changes);
  if (names.length > 0) {
    const sets = names.map((name) => `${name} = ?`).join(', ');
    journal.run(`UPDATE photos SET ${sets}`, ...(Object.values(changes) as (string | number)[]));
  }
  return journal;
}

const query = (draw: number, more: object = {}) => ({
  now: NOW,
  excluded: new Set<string>(),
  ignoreDue: false,
  random: () => draw,
  ...more,
});
const { signal } = new AbortController();
const outcomeOf = (journal: Journal) => {
  const breaker = new Breaker(() => 0);
  return new Outcome(
    {
      journal,
      spool: {} as Spool,
      localStore: null,
      clock: new VirtualClock(NOW),
      log: silent,
      random: () => 1,
      onFailure: () => {},
      onAlarm: () => {},
    },
    { core: breaker, store: breaker },
  );
};
const minuteOf = (row: PhotoRow | undefined) => row && row.accepted_at / 60_000;

function addSighting(journal: Journal, sha256: string, id: string): void {
  journal.run(
    `INSERT INTO sightings (id, sha256, camera, accepted_at, captured_at_source, sighting)
     VALUES (?, ?, 'cam', 0, 'none', '{}')`,
    id,
    sha256,
  );
}

describe('the next photo to send', () => {
  test('is the newest of the first lane, its oldest, or the oldest of all, by the draw', () => {
    const journal = journalOf(10);
    expect(minuteOf(nextToSend(journal, query(0.05)))).toBe(0);
    expect(minuteOf(nextToSend(journal, query(0.5)))).toBe(9);
    expect(minuteOf(nextToSend(journal, query(0.85)))).toBe(0);
    journal.run('DELETE FROM photos WHERE lane = 2');
    expect(minuteOf(nextToSend(journal, query(0.05)))).toBe(1);
    expect(minuteOf(nextToSend(journal, query(0.5)))).toBe(7);
    journal.run('DELETE FROM photos WHERE lane = 3');
    expect(minuteOf(nextToSend(journal, query(0.5)))).toBe(8);
  });

  test('of those under way is none', () => {
    const journal = journalOf(10);
    const excluded = new Set([9, 6].map((i) => i.toString(16).padStart(64, '0')));
    expect(minuteOf(nextToSend(journal, query(0.5, { excluded })))).toBe(3);
  });

  test('waits for its time, unless the destination is tried; what is parked waits then too', () => {
    const journal = journalOf(3, { due_at: NOW + 1000 });
    expect(nextToSend(journal, query(0.5))).toBeUndefined();
    expect(minuteOf(nextToSend(journal, query(0.5, { ignoreDue: true })))).toBeNumber();
    journal.run("UPDATE photos SET parked = 'TOO_MANY_PIXELS'");
    expect(nextToSend(journal, query(0.5, { ignoreDue: true }))).toBeUndefined();
    wakeAll(journal);
    expect(makeReady(journal, NOW, WAIT_MAX_MS)).toBe(0);
    expect(makeReady(journal, NOW + 1000, WAIT_MAX_MS)).toBe(3);
    expect(minuteOf(nextToSend(journal, query(0.5)))).toBe(0);
  });

  test.each([
    ['under way', { state: 'uploading' }],
    ['due already', { state: 'queued', due_at: 0 }],
    ['still waiting', { state: 'queued', due_at: NOW + 300_000 }],
  ] as [string, Partial<PhotoRow>][])(
    'is soon one that was %s when the outage ended, also where it fails once more then',
    async (_name, changes) => {
      const journal = journalOf(1, { ...changes, attempts: 9 });
      const sha256 = '0'.repeat(64);
      wakeAll(journal);
      expect(journal.photo(sha256)).toMatchObject({ due_at: 0, attempts: 0 });
      const failure = new DestinationFailure('store', 'link_cut', 'cut');
      await outcomeOf(journal).note(journal.photo(sha256)!, failure, signal);
      expect(journal.photo(sha256)).toMatchObject({ state: 'queued', attempts: 1 });
      expect(journal.photo(sha256)?.due_at).toBeLessThanOrEqual(NOW + 2_000);
    },
  );

  test('is one whose turn came in vain as soon as its destination is back', async () => {
    const journal = journalOf(1, { state: 'uploading', attempts: 3 });
    const sha256 = '0'.repeat(64);
    await outcomeOf(journal).note(journal.photo(sha256)!, new NotTried('away'), signal);
    expect(journal.photo(sha256)).toMatchObject({ state: 'queued', attempts: 3, due_at: 0 });
  });

  test('comes too where the clock was set back a year after it had begun to wait', () => {
    const journal = journalOf(3, { due_at: NOW + 365 * 86_400_000 });
    expect(makeReady(journal, NOW, WAIT_MAX_MS)).toBe(3);
  });

  test('comes then too where the centre holds it and does not know a sighting of it', () => {
    const far = NOW + 365 * 86_400_000;
    const journal = journalOf(1, { state: 'verified', receipt: 'r' });
    addSighting(journal, '0'.repeat(64), 's1');
    journal.run('UPDATE photos SET due_at = ?', NOW + 1000);
    expect(makeReady(journal, NOW, WAIT_MAX_MS)).toBe(0);
    journal.run('UPDATE photos SET due_at = ?', far);
    expect(nextToSend(journal, query(0.5))).toBeUndefined();
    expect(makeReady(journal, NOW, WAIT_MAX_MS)).toBe(1);
    expect(minuteOf(nextToSend(journal, query(0.5)))).toBe(0);
  });

  test('may be one that the centre holds and that was seen once more, also with a backlog', () => {
    const journal = journalOf(5);
    const first = '0'.repeat(64);
    addSighting(journal, first, 's1');
    expect(minuteOf(nextToSend(journal, query(0.99)))).toBe(0);
    journal.run("UPDATE sightings SET registered_at = 1 WHERE id = 's1'");
    journal.run("UPDATE photos SET state = 'verified', receipt = 'r' WHERE sha256 = ?", first);
    expect(minuteOf(nextToSend(journal, query(0.99)))).toBe(3);
    addSighting(journal, first, 's2');
    expect(minuteOf(nextToSend(journal, query(0.99)))).toBe(0);
    expect(minuteOf(nextToSend(journal, query(0.5)))).toBe(3);
    journal.run("UPDATE sightings SET refused = 'LOCATION_CONFLICT' WHERE id = 's2'");
    expect(minuteOf(nextToSend(journal, query(0.99)))).toBe(3);
    // Seen while it was on its way: known as soon as the photo is verified.
    const third = '3'.padStart(64, '0');
    addSighting(journal, third, 's3');
    journal.run("UPDATE photos SET state = 'verified', receipt = 'r' WHERE sha256 = ?", third);
    expect(minuteOf(nextToSend(journal, query(0.99)))).toBe(3);
  });

  test('is found by an index, whatever is asked: no scan, no sorting', () => {
    const journal = journalOf(10);
    const asked: string[] = [];
    const watched = new Proxy(journal, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as unknown;
        if (name !== 'all') return typeof value === 'function' ? value.bind(target) : value;
        return (sql: string, ...values: (string | number)[]) => {
          const plan = target.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values);
          asked.push(plan.map(({ detail }) => detail).join('; '));
          return target.all(sql, ...values);
        };
      },
    });
    for (const draw of [0.05, 0.5, 0.85, 0.99]) nextToSend(watched, query(draw));
    journal.run('UPDATE photos SET due_at = ?', NOW + 1);
    nextToSend(watched, query(0.5, { ignoreDue: true }));
    makeReady(watched, NOW, WAIT_MAX_MS);
    expect(asked.length).toBeGreaterThan(8);
    for (const plan of asked)
      expect(plan).toMatch(/^(SEARCH|SCAN) photos USING (COVERING )?INDEX \S+( \([^;]*\))?$/);
  });
});
