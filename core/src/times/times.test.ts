import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Clocks, type Contact, estimateBoxTime } from './box-clock.ts';
import { judgeCaptureTime, TOLERANCE_MS } from './capture-time.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Starts of one machine: each begins after the one before, with a wall clock of its own error. */
const history = fc
  .array(
    fc.record({
      lengthMs: fc.integer({ min: HOUR, max: 30 * DAY }),
      pauseMs: fc.integer({ min: 1_000, max: 3 * DAY }),
      /** Of the wall clock at the start's begin, and the jump that it makes half-way. */
      errorMs: fc.integer({ min: -2 * YEAR, max: 2 * YEAR }),
      jumpMs: fc.constantFrom(0, 0, YEAR, -YEAR, -5_000),
      reached: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((starts) => {
    const whole = starts.reduce((sum, { lengthMs, pauseMs }) => sum + lengthMs + pauseMs, 0);
    let at = NOW - whole;
    return starts.map((start, index) => {
      const begin = at;
      at += start.lengthMs + start.pauseMs;
      return { ...start, begin, number: index + 1, id: `boot-${index + 1}` };
    });
  });
type Start = (typeof history extends fc.Arbitrary<infer T> ? T : never)[number];

/** Both clocks of the box at a true moment of a start. */
function clocksAt(start: Start, trueMs: number): Clocks {
  const monotonicMs = trueMs - start.begin;
  const jumped = monotonicMs > start.lengthMs / 2 ? start.jumpMs : 0;
  const wallMs = trueMs + start.errorMs + jumped;
  return { bootId: start.id, bootNumber: start.number, monotonicMs, wallMs };
}

/** The last start is the present one: it is reached by the registration itself. */
function contactsOf(starts: readonly Start[]): Contact[] {
  return starts.flatMap((start, index) => {
    const isLast = index === starts.length - 1;
    if (!start.reached && !isLast) return [];
    const trueMs = isLast ? NOW : start.begin + start.lengthMs;
    return [{ ...clocksAt(start, trueMs), receivedMs: trueMs }];
  });
}

describe("what a box's clock is worth", () => {
  const points = fc.array(fc.tuple(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 2,
    maxLength: 20,
  });

  test('one contact within a start dates all of it, whatever the wall clock did', () => {
    fc.assert(
      fc.property(history, points, (starts, shares) => {
        const contacts = contactsOf(starts);
        for (const [pick, share] of shares) {
          const start = starts[pick % starts.length] as Start;
          const trueMs = Math.round(start.begin + share * start.lengthMs);
          const accepted = clocksAt(start, trueMs);
          const found = estimateBoxTime(accepted, contacts, NOW);
          if (contacts.some(({ bootId }) => bootId === start.id)) {
            expect(Math.abs((found.trueMs ?? 0) - trueMs)).toBeLessThanOrEqual(1);
            expect(found.offsetMs).toBe(Math.round((found.trueMs ?? 0) - accepted.wallMs));
          } else {
            expect(found.exact).toBe(false);
          }
        }
      }),
    );
  });

  test('what is believed lies between the starts around it, and never in the future', () => {
    fc.assert(
      fc.property(history, points, (starts, shares) => {
        const contacts = contactsOf(starts);
        for (const [pick, share] of shares) {
          const start = starts[pick % starts.length] as Start;
          const accepted = clocksAt(start, Math.round(start.begin + share * start.lengthMs));
          const { trueMs, offsetMs } = estimateBoxTime(accepted, contacts, NOW);
          expect(trueMs === null).toBe(offsetMs === null);
          if (trueMs === null) continue;
          expect(trueMs).toBeLessThanOrEqual(NOW);
          for (const other of contacts) {
            const number = other.bootNumber ?? 0;
            if (number < start.number) {
              expect(trueMs).toBeGreaterThanOrEqual(other.receivedMs - TOLERANCE_MS);
            }
            if (number > start.number) {
              const began = other.receivedMs - other.monotonicMs;
              expect(trueMs).toBeLessThanOrEqual(began + TOLERANCE_MS);
            }
          }
        }
      }),
    );
  });

  test('start, monotonic clock and sequence keep the order that the wall clock loses', () => {
    fc.assert(
      fc.property(history, points, (starts, shares) => {
        const moments = shares.map(([pick, share]) => {
          const start = starts[pick % starts.length] as Start;
          const trueMs = Math.round(start.begin + share * start.lengthMs);
          return { trueMs, ...clocksAt(start, trueMs) };
        });
        const byOrder = [...moments].sort(
          (a, b) => (a.bootNumber ?? 0) - (b.bootNumber ?? 0) || a.monotonicMs - b.monotonicMs,
        );
        const times = byOrder.map(({ trueMs }) => trueMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });

  test('a start that was never reached is believed only where it can be so', () => {
    const present = { bootId: 'b', bootNumber: 2, monotonicMs: HOUR, wallMs: NOW };
    const contacts = [{ ...present, receivedMs: NOW }];
    const before = { bootId: 'a', bootNumber: 1, monotonicMs: 5 };
    const at = (wallMs: number) => estimateBoxTime({ ...before, wallMs }, contacts, NOW);
    expect(at(NOW - 2 * HOUR)).toEqual({ offsetMs: 0, trueMs: NOW - 2 * HOUR, exact: false });
    // Within the start that came after it, or in the future: the clock was another then.
    for (const wallMs of [NOW - HOUR / 2, NOW + YEAR]) expect(at(wallMs).offsetMs).toBeNull();
    const unknown = { ...before, bootNumber: null, wallMs: NOW };
    expect(estimateBoxTime(unknown, contacts, NOW).offsetMs).toBeNull();
    expect(estimateBoxTime({ ...before, wallMs: NOW }, [], NOW).offsetMs).toBeNull();
  });
});

describe('when a photo was taken', () => {
  const box = (offsetMs: number) => ({ offsetMs, trueMs: NOW, exact: true });
  const said = (
    ms: number | null,
    source: 'exif' | 'device' | 'file' | 'none',
    hasZone = true,
  ) => ({
    ms,
    source,
    hasZone,
  });

  test('a good clock is believed', () => {
    expect(judgeCaptureTime(said(NOW - 5_000, 'file'), box(3_000))).toEqual({
      capturedMs: NOW - 5_000,
      saidMs: null,
      flag: 'ok',
    });
    expect(judgeCaptureTime(said(null, 'none'), box(0)).flag).toBe('ok');
  });

  test("the box's error moves what the box has dated, not what a camera's own clock says", () => {
    expect(judgeCaptureTime(said(NOW - YEAR - 9_000, 'file'), box(YEAR))).toEqual({
      capturedMs: NOW - 9_000,
      saidMs: NOW - YEAR - 9_000,
      flag: 'corrected',
    });
    for (const own of ['exif', 'device'] as const) {
      expect(judgeCaptureTime(said(NOW - 9_000, own), box(YEAR))).toEqual({
        capturedMs: NOW - 9_000,
        saidMs: null,
        flag: 'corrected',
      });
    }
  });

  test('no photo is taken after it was accepted, nor years before', () => {
    for (const ms of [NOW + HOUR, 0]) {
      expect(judgeCaptureTime(said(ms, 'exif'), box(0))).toEqual({
        capturedMs: NOW,
        saidMs: ms,
        flag: 'implausible',
      });
    }
    // A wall time that nobody has named the zone of may be of one far ahead.
    expect(judgeCaptureTime(said(NOW + 9 * HOUR, 'exif', false), box(0)).flag).toBe('ok');
  });

  test('where only the order is known, a time of the box is no time', () => {
    const nobody = { offsetMs: null, trueMs: null, exact: false };
    expect(judgeCaptureTime(said(NOW, 'file'), nobody)).toEqual({
      capturedMs: null,
      saidMs: NOW,
      flag: 'order_only',
    });
    expect(judgeCaptureTime(said(NOW, 'exif'), nobody).capturedMs).toBe(NOW);
  });
});
