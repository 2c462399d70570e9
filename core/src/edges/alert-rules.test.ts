import { expect, test } from 'bun:test';
import { standsSince, type Watched } from './alert-rules.ts';

const NOW = new Date('2026-05-01T10:00:00.000Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const fine: Watched = {
  lastSeenAt: ago(10_000),
  byToken: false,
  silentAfterMinutes: 30,
  unsentAfterHours: 24,
  state: { receivedAt: ago(10_000), oldestUnsentAt: null, diskShare: 0.2, clockOffsetMs: 40 },
};
const said = (more: Partial<NonNullable<Watched['state']>>): Watched => ({
  ...fine,
  state: { ...fine.state!, ...more },
});

test('a box that is well, or was never heard of, has no alert', () => {
  const never = { ...fine, lastSeenAt: null, state: null };
  for (const kind of ['silent', 'unsent', 'disk', 'clock'] as const) {
    for (const box of [fine, never]) expect(standsSince(kind, box, NOW, false)).toBeNull();
  }
});

test('silent: not heard of for longer than its own limit, since it was heard last', () => {
  const seen = (ms: number, minutes = 30) =>
    standsSince(
      'silent',
      { ...fine, lastSeenAt: ago(ms), silentAfterMinutes: minutes },
      NOW,
      false,
    );
  expect(seen(30 * MINUTE)).toBeNull();
  expect(seen(30 * MINUTE + 1)).toEqual(ago(30 * MINUTE + 1));
  expect(seen(31 * MINUTE, 60)).toBeNull();
});

test('silent: a box of an earlier version comes only with photos, until it says how it is', () => {
  const old = { ...fine, byToken: true, lastSeenAt: ago(HOUR) };
  expect(standsSince('silent', { ...old, state: null }, NOW, false)).toBeNull();
  expect(standsSince('silent', old, NOW, false)).toEqual(ago(HOUR));
});

test('unsent: its oldest photo waits longer than its own limit, since it was taken', () => {
  const oldest = (ms: number, hours = 24) =>
    standsSince(
      'unsent',
      { ...said({ oldestUnsentAt: ago(ms) }), unsentAfterHours: hours },
      NOW,
      false,
    );
  expect(oldest(24 * HOUR)).toBeNull();
  expect(oldest(24 * HOUR + 1)).toEqual(ago(24 * HOUR + 1));
  expect(oldest(2 * HOUR, 1)).toEqual(ago(2 * HOUR));
});

test.each([
  ['disk', { diskShare: 0.949 }, false, false],
  ['disk', { diskShare: 0.95 }, false, true],
  ['disk', { diskShare: 0.94 }, true, true],
  ['disk', { diskShare: 0.929 }, true, false],
  ['clock', { clockOffsetMs: -119_999 }, false, false],
  ['clock', { clockOffsetMs: -120_000 }, false, true],
  ['clock', { clockOffsetMs: 60_000 }, true, true],
  ['clock', { clockOffsetMs: 59_999 }, true, false],
] as const)('%s with %o (open: %p) stands: %p', (kind, more, open, stands) => {
  expect(standsSince(kind, said(more), NOW, open) !== null).toBe(stands);
});
