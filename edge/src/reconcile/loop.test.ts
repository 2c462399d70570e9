import { expect, test } from 'bun:test';
import { silent, withFolder } from '../_testing.ts';
import { openJournal } from '../buffer/open-journal.ts';
import { VirtualClock } from '../forward/_virtual-clock.ts';
import type { CoreClient } from '../forward/core-client.ts';
import { DestinationFailure } from '../forward/failures.ts';
import { Reconciler } from './reconciler.ts';
import type { Repair } from './repair.ts';

const HOUR_MS = 3_600_000;

/** A reconciler's loop on an empty journal, and the paths that it asked the centre for. */
async function withLoop(
  ask: (path: string) => unknown,
  use: (given: {
    clock: VirtualClock;
    asked: string[];
    answers: unknown[];
    reports: () => number;
    lastAt: (at: number) => void;
  }) => Promise<void>,
  answer: Repair['answer'] = async () => 'unknown',
): Promise<void> {
  await withFolder(async (folder) => {
    const { journal } = openJournal(folder, silent);
    const clock = new VirtualClock(Date.parse('2026-05-01T12:00:00Z'));
    const asked: string[] = [];
    const answers: unknown[] = [];
    const core = {
      ask: async (path: string, _schema: unknown, _signal: AbortSignal, body?: unknown) => {
        asked.push(path);
        if (body !== undefined) answers.push(body);
        return ask(path);
      },
    } as unknown as CoreClient;
    const reconciler = new Reconciler({
      journal,
      core,
      repair: { answer } as Repair,
      clock,
      random: () => 0.5,
      log: silent,
      requested: () => false,
      onQueued: () => {},
    });
    const stop = new AbortController();
    const running = reconciler.run(stop.signal);
    const reports = () => journal.all('SELECT 1 FROM reconciliations').length;
    const lastAt = (at: number) =>
      journal.run('INSERT INTO reconciliations (started_at, report) VALUES (?, ?)', at, '{}');
    try {
      await use({ clock, asked, answers, reports, lastAt });
    } finally {
      stop.abort();
      await running;
      journal.close();
    }
  });
}

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
