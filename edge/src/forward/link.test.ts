import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enlarge } from '@demeter/common/testing';
import { type FaultCore, startFaultCore } from '../_fault-core.ts';
import { getPhoto, postPhoto, testPhoto, until, withEdge, withFolder } from '../_testing.ts';
import { Journal } from '../buffer/journal.ts';
import { VirtualClock } from './_virtual-clock.ts';
import { CentreTime } from './centre-time.ts';
import type { Heartbeat } from './heartbeat.ts';
import { Link, type LinkRules } from './link.ts';
import { retryAfterMs } from './recognise.ts';

// Edges start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(180_000);

/** More than a chunk of a body. */
const PIECE_BYTES = 131_072;
const START = Date.parse('2026-04-30T21:00:00Z');

function linkOf(rules: LinkRules) {
  const clock = new VirtualClock(START);
  const journal = Journal.over(new Database(':memory:', { strict: true }));
  const link = new Link({ journal, clock, now: () => clock.now(), rules: () => rules });
  return { clock, journal, link };
}

async function* bodyOf(bytes: number) {
  for (let left = bytes; left > 0; left -= 65_536) yield new Uint8Array(Math.min(left, 65_536));
}

describe('the link', () => {
  test('two bodies at once stay under the cap together; what is small does not wait', async () => {
    const { clock, link } = linkOf({ forwarding: { mbit_per_second_max: 1 }, timeZone: 'UTC' });
    const signal = new AbortController().signal;
    let sent = 0;
    const drain = async () => {
      for await (const piece of link.paced(bodyOf(40_000_000), PIECE_BYTES, signal))
        sent += piece.length;
    };
    void drain();
    void drain();
    await clock.pass(60_000);
    const before = sent;
    link.charge(1_000);
    await clock.pass(300_000);
    expect(sent - before).toBeLessThanOrEqual(125_000 * 300 * 1.05);
    expect(sent - before).toBeGreaterThan(125_000 * 300 * 0.95);
  });

  test('without a cap nothing is held back, or cut up smaller than it is asked for', async () => {
    const { link } = linkOf({ forwarding: {}, timeZone: 'UTC' });
    const { signal } = new AbortController();
    const piecesOf = async (most: number) => {
      const pieces = await Array.fromAsync(link.paced(bodyOf(140_000), most, signal));
      return pieces.map(({ length }) => length);
    };
    expect(await piecesOf(PIECE_BYTES)).toEqual([65_536, 65_536, 8_928]);
    expect(await piecesOf(40_000)).toEqual([40_000, 25_536, 40_000, 25_536, 8_928]);
  });

  test("a month's budget holds photos back, also after a restart, and ends with the month", async () => {
    const rules = { forwarding: { gb_per_month_max: 0.01 }, timeZone: 'Europe/Berlin' };
    const { clock, journal, link } = linkOf(rules);
    const { signal } = new AbortController();
    await Array.fromAsync(link.paced(bodyOf(6_000_000), PIECE_BYTES, signal));
    expect(link.closed(4_000_000, 0)).toBeNull();
    expect(link.closed(4_000_000, 1)).toBe('budget_spent');
    const again = new Link({ journal, clock, now: () => clock.now(), rules: () => rules });
    expect(again.spentBytes()).toBe(6_000_000);
    expect(again.closed(4_000_001, 0)).toBe('budget_spent');
    // Midnight in Berlin is 22:00 UTC.
    clock.wall += 3_600_000;
    expect(again.spentBytes()).toBe(0);
    expect(again.closed(9_000_000, 0)).toBeNull();
  });
});

describe('the time at the centre', () => {
  test('corrects a clock that is wrong, also one that jumps later, and leaves a right one', () => {
    const clock = new VirtualClock(START);
    const time = new CentreTime(clock);
    expect([time.correctionMs, time.trouble]).toEqual([0, null]);
    time.note(new Date(START + 1_200).toUTCString(), 0);
    expect(time.correctionMs).toBe(0);
    clock.wall -= 365 * 86_400_000;
    expect(Math.abs(time.now() - START)).toBeLessThan(2_000);
    expect(time.trouble).toContain('365 days behind');
    clock.wall += 366 * 86_400_000;
    expect(time.trouble).toContain('24 hours ahead of');
    time.note('no date', 0);
    time.note(null, 0);
    expect(Math.abs(time.now() - START)).toBeLessThan(2_000);
  });

  test('an answer that took long says nothing', async () => {
    const clock = new VirtualClock(START);
    const time = new CentreTime(clock);
    await clock.pass(30_000);
    time.note(new Date(0).toUTCString(), 0);
    expect(time.correctionMs).toBe(0);
  });
});

test('Retry-After is seconds or a date, at most an hour', () => {
  const in20s = new Date(START + 20_000).toUTCString();
  expect([null, '', '7', in20s, '-3', '99999', 'soon'].map((h) => retryAfterMs(h, START))).toEqual([
    0, 0, 7_000, 20_000, 0, 3_600_000, 0,
  ]);
});

describe('photos that must wait though the link would carry them', () => {
  let core: FaultCore;
  const beats: Heartbeat[] = [];
  beforeEach(async () => {
    beats.length = 0;
    core = await startFaultCore();
    core.setRoutes(async (request, pathname) => {
      if (pathname !== '/api/v1/edge/heartbeat') return null;
      beats.push((await request.json()) as Heartbeat);
      return Response.json({ server_time: new Date().toISOString() });
    });
  });
  afterEach(() => core.stop());

  const withRules = async (
    forwarding: object,
    use: (url: string, folder: string) => Promise<void>,
  ) =>
    withFolder(async (folder) => {
      const path = join(folder, 'edge.yaml');
      await writeFile(path, JSON.stringify({ time_zone: 'UTC', forwarding }));
      const env = { ...core.env, DEMETER_EDGE_DATA: join(folder, 'data') };
      await withEdge({ ...env, DEMETER_EDGE_CONFIG: path }, ({ url }) => use(url, folder));
    });
  const waiting = async (url: string) => {
    const { forwarding } = (await (await fetch(`${url}/health`)).json()) as {
      forwarding: { waiting: string | null };
    };
    return forwarding.waiting;
  };

  test('outside its hours; the heartbeat goes all the same', async () => {
    const time = (hours: number) =>
      new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
    const hours = [{ from: time(2), to: time(3) }];
    await withRules({ hours }, async (url) => {
      const { bytes, sha256 } = await testPhoto(1, 400, 300);
      await postPhoto(url, bytes);
      await until(async () => (await waiting(url)) === 'outside_hours', 60_000);
      expect(core.calls).toEqual([]);
      const beat = await until(() => beats.find((one) => one.backlog_photos <= 1), 60_000);
      expect(beat).toMatchObject({ fullness: 'ok', clock_correction_ms: 0, config_version: null });
      expect(beat.cameras.map(({ code }) => code)).toEqual(['default']);
      expect((await getPhoto(url, sha256)).state).not.toBe('verified');
    });
  });

  test("beyond the month's budget; that is told as an alarm", async () => {
    await withRules({ gb_per_month_max: 0.001 }, async (url) => {
      for (const seed of [1, 2]) {
        const { bytes } = await testPhoto(seed, 400, 300);
        await postPhoto(url, Buffer.from(enlarge(bytes, 600_000)));
      }
      await until(async () => (await waiting(url)) === 'budget_spent', 60_000);
      expect(core.objects.size).toBe(1);
      const told = (beat: Heartbeat) => beat.alarms.some(({ code }) => code === 'budget_spent');
      const beat = await until(() => beats.find(told), 60_000);
      expect(beat.backlog_photos).toBe(1);
      expect(beat.backlog_bytes).toBe(600_000);
    });
  });
});
