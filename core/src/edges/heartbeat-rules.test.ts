import { expect, test } from 'bun:test';
import { judgeHeartbeat } from './heartbeat-rules.ts';

const NOW = Date.parse('2026-05-01T10:00:00.000Z');
const said = {
  sent_at: '2026-05-01T10:00:00.000Z',
  oldest_unsent_at: '2026-05-01T09:00:00.000Z',
  held_bytes: 95,
  quota_bytes: 100,
};

test('a box whose clock is right says when its oldest photo came', () => {
  const judged = judgeHeartbeat(said, NOW);
  expect(judged).toEqual({
    clockOffsetMs: 0,
    oldestUnsentAt: new Date('2026-05-01T09:00:00.000Z'),
    diskShare: 0.95,
  });
});

test('a clock a year behind moves neither the age of a photo nor hides itself', () => {
  const year = 365 * 86_400_000;
  const behind = (iso: string) => new Date(Date.parse(iso) - year).toISOString();
  const corrected = {
    ...said,
    clock_correction_ms: year,
    oldest_unsent_at: behind(said.oldest_unsent_at),
  };
  const raw = { ...corrected, clock_correction_ms: 0, sent_at: behind(said.sent_at) };
  for (const given of [corrected, raw]) {
    const judged = judgeHeartbeat(given, NOW);
    expect(judged.clockOffsetMs).toBe(year);
    expect(judged.oldestUnsentAt).toEqual(new Date(said.oldest_unsent_at));
  }
});

test('no photo waits since a time that is still to come', () => {
  const later = { ...said, oldest_unsent_at: '2027-01-01T00:00:00.000Z' };
  expect(judgeHeartbeat(later, NOW).oldestUnsentAt).toEqual(new Date(NOW));
  expect(judgeHeartbeat({ ...said, oldest_unsent_at: null }, NOW).oldestUnsentAt).toBeNull();
});

test('what no clock says, and no quota, still make a state that can be stored', () => {
  const odd = judgeHeartbeat(
    { ...said, sent_at: '9999-12-31T23:59:59.999Z', clock_correction_ms: 1e300, quota_bytes: 0 },
    NOW,
  );
  expect(Number.isSafeInteger(odd.clockOffsetMs)).toBe(true);
  expect(odd.oldestUnsentAt?.getTime()).toBeLessThanOrEqual(NOW);
  expect(odd.diskShare).toBe(1);
});
