import { expect, test } from 'bun:test';
import { digestOfDay, toSightingKey } from '@demeter/common/edge-days';
import { silent, withFolder } from '../_testing.ts';
import { sidecarFor } from '../buffer/_with-spool.ts';
import { forgetGone } from '../buffer/forget.ts';
import type { Journal } from '../buffer/journal.ts';
import { openJournal } from '../buffer/open-journal.ts';
import { VirtualClock } from '../forward/_virtual-clock.ts';
import type { CoreClient } from '../forward/core-client.ts';
import { DestinationFailure } from '../forward/failures.ts';
import { Reconciler } from './reconciler.ts';
import type { Repair } from './repair.ts';

const HOUR_MS = 3_600_000;

/** A reconciler's loop on an empty journal, and the paths that it asked the centre for. */
async function withLoop(
  ask: (path: string, body?: unknown) => unknown,
  use: (given: {
    clock: VirtualClock;
    asked: string[];
    answers: unknown[];
    reports: () => number;
    lastAt: (at: number) => void;
    /** Somebody asks for a comparison at the box. */
    request: () => void;
    failed: string[];
    journal: Journal;
  }) => Promise<void>,
  answer: Repair['answer'] = async () => 'unknown',
): Promise<void> {
  await withFolder(async (folder) => {
    const { journal } = openJournal(folder, silent);
    const clock = new VirtualClock(Date.parse('2026-05-01T12:00:00Z'));
    const asked: string[] = [];
    const answers: unknown[] = [];
    const requests: true[] = [];
    const failed: string[] = [];
    const core = {
      ask: async (path: string, _schema: unknown, _signal: AbortSignal, body?: unknown) => {
        asked.push(path);
        if (body !== undefined) answers.push(body);
        return ask(path, body);
      },
    } as unknown as CoreClient;
    const sendAgain = async () => ({ photos: 0, sightings: 0, gone: 0 });
    const reconciler = new Reconciler({
      journal,
      core,
      repair: { answer, sendAgain } as unknown as Repair,
      clock,
      random: () => 0.5,
      log: silent,
      requested: () => requests.splice(0).length > 0,
      onFailed: (reason) => failed.push(reason),
      onQueued: () => {},
    });
    const stop = new AbortController();
    const running = reconciler.run(stop.signal);
    const reports = () => journal.all('SELECT 1 FROM reconciliations').length;
    const lastAt = (at: number) =>
      journal.run('INSERT INTO reconciliations (started_at, report) VALUES (?, ?)', at, '{}');
    try {
      const request = () => void requests.push(true);
      await use({ clock, asked, answers, reports, lastAt, request, failed, journal });
    } finally {
      stop.abort();
      await running;
      journal.close();
    }
  });
}

test('a comparison that somebody asks for and that fails is said at once, and tried again', () => {
  let isAway = true;
  return withLoop(
    (path) => {
      if (isAway) throw new DestinationFailure('core', 'refused', 'nobody listens');
      return path.includes('wanted') ? { photos: [], next: null } : { days: [] };
    },
    async ({ clock, request, failed, reports, lastAt }) => {
      lastAt(clock.now());
      request();
      await clock.pass(60_000);
      expect(failed).toEqual(['nobody listens']);
      await clock.pass(60 * 60_000);
      expect(reports()).toBe(1);
      isAway = false;
      await clock.pass(15 * 60_000);
      expect(failed).toHaveLength(1);
      expect(reports()).toBe(2);
      await clock.pass(60 * 60_000);
      expect(reports()).toBe(2);
    },
  );
});

const nothingWanted = () => ({ photos: [], next: null });

test('a centre that is away is asked again after a pause, not at each look', () =>
  withLoop(
    () => {
      throw new DestinationFailure('core', 'unreachable', 'away');
    },
    async ({ clock, asked }) => {
      await clock.pass(2 * HOUR_MS);
      expect(asked.length).toBeGreaterThan(5);
      expect(asked.length).toBeLessThan(15);
    },
  ));

test('a clock set back by a year stops no comparison and causes no second one', () =>
  withLoop(nothingWanted, async ({ clock, reports, lastAt }) => {
    lastAt(clock.now());
    await clock.pass(1_000);
    clock.wall -= 365 * 24 * HOUR_MS;
    await clock.pass(HOUR_MS);
    expect(reports()).toBe(1);
    expect(clock.now()).toBeLessThan(Date.parse('2025-06-01'));
    await clock.pass(2 * 24 * HOUR_MS);
    expect(reports()).toBe(3);
  }));

test('days of which photos were forgotten are compared until all that is held of them was found', () => {
  const [first, second] = ['2026-04-01', '2026-04-02'] as const;
  const [gone, held, next] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [
    ...[string, string, string],
  ];
  const idOf = (sha256: string) => sha256.slice(0, 26).toUpperCase();
  const keyOf = (sha256: string) => toSightingKey({ sha256, sightingId: idOf(sha256) });
  const theirs: Record<string, string[]> = {
    [first]: [keyOf(gone), keyOf(held)],
    [second]: [keyOf(next)],
  };
  const compared: string[][] = [];
  const ask = (path: string, body?: unknown) => {
    if (path.endsWith('wanted')) return nothingWanted();
    const day = /days\/(.+)$/.exec(path)?.[1];
    if (day !== undefined) return { keys: theirs[day], next: null };
    const { days } = body as { days: string[] };
    compared.push(days);
    return {
      days: days.map((one) => {
        const keys = theirs[one] ?? [];
        return { day: one, sightings: keys.length, digest: digestOfDay(keys) };
      }),
    };
  };
  return withLoop(ask, async ({ clock, journal }) => {
    for (const [sha256, day] of [
      [gone, first],
      [held, first],
      [next, second],
    ] as const) {
      const sidecar = sidecarFor(sha256, 10, idOf(sha256), Date.parse(day));
      journal.addPhoto(sidecar);
      journal.addSighting(sha256, sidecar.sighting);
      journal.settleSighting(idOf(sha256), 1, null);
      journal.update(sha256, { state: 'verified', receipt: 'r', verified_at: 1 });
    }
    const left = { state: 'evicted', evicted_at: 1, in_spool: 0 } as const;
    journal.update(gone, left);
    expect(forgetGone(journal, { before: 2, centreMustKnow: true })).toBe(1);
    await clock.pass(HOUR_MS);
    expect(compared).toEqual([[first, second]]);
    const [report] = journal.all<{ report: string }>('SELECT report FROM reconciliations');
    expect(JSON.parse(report?.report ?? '')).toMatchObject({
      ...{ agreed: 2, unknown_here: 0, photos_again: 0, sightings_again: 0, lost: 0 },
    });
    expect(journal.photo(held)?.reconciled_at).toBeNumber();
    await clock.pass(16 * HOUR_MS);
    expect(compared.slice(1)).toEqual([[second]]);
  });
});

test('one photo that cannot be read keeps no other from being answered', () =>
  withLoop(
    (path) =>
      path === 'edge/reconcile/wanted' ? { photos: ['a', 'b'], next: null } : { taken: 1 },
    async ({ clock, answers }) => {
      await clock.pass(1_000);
      expect(answers).toEqual([{ photos: [{ sha256: 'b', answer: 'queued' }] }]);
    },
    async (sha256) => {
      if (sha256 === 'a') throw new Error('EIO');
      return 'queued';
    },
  ));
