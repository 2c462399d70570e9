import { describe, expect, test } from 'bun:test';
import { silent } from '../_testing.ts';
import { VirtualClock } from './_virtual-clock.ts';
import { alarmsOf, type BoxFacts } from './alarm-sentences.ts';
import { ControlLane } from './control-lane.ts';
import { Refusal } from './failures.ts';
import type { Heartbeat, HeartbeatAlarm } from './heartbeat.ts';

/** A lane on a clock of its own; `answer` is the core's. */
async function withLane(
  use: (lane: {
    readonly clock: VirtualClock;
    readonly beats: { readonly at: number; readonly codes: string[] }[];
    alarms: HeartbeatAlarm[];
    coreWaitMs: number;
    readonly heard: (string | null)[];
  }) => Promise<void>,
  answer: () => Promise<unknown> = async () => ({ server_time: '' }),
  coreWaitMs = 0,
): Promise<void> {
  const clock = new VirtualClock(Date.parse('2026-05-01T00:00:00Z'));
  const beats: { at: number; codes: string[] }[] = [];
  const state = {
    clock,
    beats,
    alarms: [] as HeartbeatAlarm[],
    coreWaitMs,
    heard: [] as (string | null)[],
  };
  const stop = new AbortController();
  const lane = new ControlLane({
    core: {
      ask: async (_path: string, _schema: unknown, _signal: AbortSignal, body: unknown) => {
        const codes = (body as Heartbeat).alarms.map(({ code }) => code);
        beats.push({ at: clock.monotonic(), codes });
        return (await answer()) as never;
      },
    },
    alarms: () => state.alarms,
    heartbeat: (alarms) => ({ alarms }) as unknown as Heartbeat,
    coreWaitMs: () => state.coreWaitMs,
    onConfiguration: (mark) => state.heard.push(mark),
    onSent: () => {},
    clock,
    random: () => 0.5,
    log: silent,
  });
  const running = lane.run(stop.signal);
  await use(state);
  stop.abort();
  await running;
}

const alarm = (code: string): HeartbeatAlarm => ({ code, sentence: 'Something.' });

describe('the control lane', () => {
  test('says each minute how the box is', () =>
    withLane(async ({ clock, beats }) => {
      await clock.pass(10 * 60_000 - 1);
      expect(beats.map(({ at }) => at)).toEqual([...Array(10).keys()].map((at) => at * 60_000));
    }));

  test('tells an alarm within seconds, and once', () =>
    withLane(async (lane) => {
      await lane.clock.pass(20_000);
      lane.alarms = [alarm('disk_failed')];
      await lane.clock.pass(30_000);
      expect(lane.beats.map(({ codes }) => codes)).toEqual([[], ['disk_failed']]);
      expect(lane.beats[1]!.at).toBeLessThanOrEqual(25_000);
    }));

  test('leaves a centre alone that is away, and says what was missed when it is back', () =>
    withLane(
      async (lane) => {
        lane.alarms = [alarm('store_full')];
        await lane.clock.pass(600_000);
        expect(lane.beats).toEqual([]);
        lane.coreWaitMs = 0;
        await lane.clock.pass(10_000);
        expect(lane.beats.map(({ codes }) => codes)).toEqual([['store_full']]);
      },
      undefined,
      1,
    ));

  test('passes on which configuration the centre has, where it says so', async () => {
    const answers = [{ server_time: '' }, { server_time: '', configuration: null }];
    const more = { server_time: '', configuration: 'a' };
    await withLane(
      async ({ clock, heard }) => {
        await clock.pass(3 * 60_000 - 1);
        expect(heard).toEqual([null, 'a']);
      },
      async () => answers.shift() ?? more,
    );
  });

  test('does not pester a centre that knows no heartbeats', () =>
    withLane(
      async ({ clock, beats }) => {
        await clock.pass(2 * 3_600_000 - 60_000);
        expect(beats).toHaveLength(2);
      },
      async () => {
        throw new Refusal('NOT_FOUND', 404, 'no such route');
      },
    ));
});

describe('what the centre is told that people must look at', () => {
  const well: BoxFacts = {
    raised: [],
    troubles: [],
    fullness: 'ok',
    closed: null,
    judgeFailed: false,
    localStoreTrouble: null,
    clockTrouble: null,
    parkedPhotos: 0,
  };
  const codes = (facts: Partial<BoxFacts>) =>
    alarmsOf({ ...well, ...facts }).map(({ code }) => code);

  test.each([
    [{}, []],
    [{ closed: 'outside_hours' }, []],
    [{ closed: 'budget_spent' }, ['budget_spent']],
    [{ fullness: 'warn' }, ['disk_warn']],
    [{ fullness: 'refuse', raised: ['disk_failed'] }, ['disk_failed', 'disk_refuse']],
    [{ troubles: [{ code: 'store_full', sentence: 'Full.' }] }, ['store_full']],
    [{ judgeFailed: true, localStoreTrouble: 'away' }, ['judge_failed', 'local_store_failed']],
    [{ clockTrouble: 'The clock.', parkedPhotos: 3 }, ['clock_skewed', 'photos_parked']],
  ] as [Partial<BoxFacts>, string[]][])('%j: %j', (facts, expected) => {
    expect(codes(facts)).toEqual(expected);
    for (const { sentence } of alarmsOf({ ...well, ...facts }))
      expect(sentence).toMatch(/^[A-Z].*\.$/);
  });
});
