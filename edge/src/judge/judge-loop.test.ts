import { expect, test } from 'bun:test';
import type { Policies } from '@demeter/common/edge-configuration/schema';
import { silent } from '../_testing.ts';
import { hold, type Place, withPlace } from '../buffer/_with-spool.ts';
import { Tuning } from '../tuning.ts';
import { Judge } from './judge.ts';
import { JudgeProcess, JudgeUnavailable } from './judge-process.ts';
import type { Verdict } from './verdict.ts';

const DAY_MS = 86_400_000;
const MEASURED = {
  kind: 'measured' as const,
  id: 1,
  residentBytes: 1,
  measurement: {
    decoded: true as const,
    sharpness: 1,
    phash: '0'.repeat(64),
    empty: 0,
    exposure: { brightness: 100, black: 0, white: 0, shadow: 20 },
  },
  exif: { captured_at: null, captured_at_local: null, position: null, orientation: null },
};

class ScriptedProcess extends JudgeProcess {
  calls = 0;
  starts = true;
  override measure = async () => {
    this.calls++;
    if (!this.starts) throw new JudgeUnavailable('no');
    // Each photo is another picture.
    const phash = '0f'[this.calls % 2]?.repeat(64) ?? '';
    return { ...MEASURED, measurement: { ...MEASURED.measurement, phash } };
  };
}

const sha256Of = (n: number) => n.toString(16).padStart(64, '0');

/** Judges all that is spooled; time passes by pauses alone. */
function judging(
  { journal }: Place,
  process: ScriptedProcess,
  {
    now = Date.parse('2026-06-01'),
    policies = {} as Policies,
    pathOf = (_sha256: string): string => '',
    onJudged = (_verdict: Verdict | null, _sha256: string) => {},
    camerasFirst = (_at: number): boolean => false,
  } = {},
) {
  let monotonic = 0;
  let stop = new AbortController();
  const judge = new Judge({
    journal,
    process,
    tuning: new Tuning({ policies }),
    clock: {
      now: () => now,
      monotonic: () => monotonic,
      sleep: async (ms) => {
        monotonic += ms;
        if (journal.inState(['spooled'], 1).length === 0) stop.abort();
      },
    },
    log: silent,
    pathOf,
    onJudged,
    camerasFirst: () => camerasFirst(monotonic),
  });
  return async (passedMs = 0) => {
    monotonic += passedMs;
    stop = new AbortController();
    await judge.run(stop.signal);
  };
}

const spool = async (place: Place, from: number, to: number) => {
  for (let n = from; n <= to; n++) {
    const id = `01ARZ3NDEKTSV4RRFFQ69G5F${String(n).padStart(2, '0')}`;
    await hold(place, { sha256: sha256Of(n), bytes: Buffer.from(`${n}`) }, id);
  }
};

test('a judge that does not start holds up no photo, and is tried again after a while', () =>
  withPlace(async (place) => {
    const process = new ScriptedProcess();
    process.starts = false;
    await spool(place, 1, 20);
    const judgeAll = judging(place, process);
    await judgeAll();
    expect(process.calls).toBe(3);
    expect(place.journal.inState(['judged'], 100)).toHaveLength(20);
    process.starts = true;
    await spool(place, 21, 22);
    await judgeAll(60_000);
    expect(process.calls).toBe(5);
    expect(place.journal.photo(sha256Of(22))?.verdict).toContain('blurred');
  }));

test('days of a policy are not counted by a clock that was never set', () =>
  withPlace(async (place) => {
    const policies = { poor: { forward: 'hold', keep_days: 2 } } as const;
    const process = new ScriptedProcess();
    await spool(place, 1, 1);
    await judging(place, process, { now: 5 * DAY_MS, policies })();
    expect(place.journal.photo(sha256Of(1))).toMatchObject({
      state: 'rejected_kept',
      keep_until: null,
    });
    await spool(place, 2, 2);
    const now = Date.parse('2026-06-01');
    await judging(place, process, { now, policies })();
    expect(place.journal.photo(sha256Of(2))?.keep_until).toBe(now + 2 * DAY_MS);
  }));

test('a photo that fails in the judge itself keeps no other waiting, and goes on unjudged after three tries', () =>
  withPlace(async (place) => {
    await spool(place, 1, 3);
    let tries = 0;
    const judged: string[] = [];
    const pathOf = (sha256: string) => {
      if (sha256 !== sha256Of(1)) return '';
      tries++;
      throw new Error('a fault of its own');
    };
    const onJudged = (verdict: Verdict | null, sha256: string) =>
      void judged.push(`${Number(`0x${sha256}`)}: ${verdict?.result ?? 'none'}`);
    await judging(place, new ScriptedProcess(), { pathOf, onJudged })();
    expect(judged).toEqual(['2: poor', '3: poor', '1: none']);
    expect(tries).toBe(3);
    expect(place.journal.photo(sha256Of(1))).toMatchObject({ state: 'judged', verdict: null });
  }));

test('what fails after a verdict makes no photo judged again', () =>
  withPlace(async (place) => {
    await spool(place, 1, 2);
    const process = new ScriptedProcess();
    const onJudged = (_: unknown, sha256: string) => {
      if (sha256 === sha256Of(1)) throw new Error('what follows');
    };
    await judging(place, process, { onJudged })();
    expect(process.calls).toBe(2);
    expect(place.journal.inState(['judged'], 10)).toHaveLength(2);
  }));

test('a crowd of cameras goes first', () =>
  withPlace(async (place) => {
    await spool(place, 1, 1);
    let begun = 0;
    let at = 0;
    const camerasFirst = (now: number) => {
      at = now;
      return now < 300;
    };
    const pathOf = () => {
      begun = at;
      return '';
    };
    await judging(place, new ScriptedProcess(), { camerasFirst, pathOf })();
    expect(begun).toBe(300);
  }));
