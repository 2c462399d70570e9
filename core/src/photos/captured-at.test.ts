import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseExifTime, toCapturedAt } from './captured-at.ts';

const local = (text: string) => ({ captured_at: null, captured_at_local: text });
const iso = (text: string, zone: string | null) => toCapturedAt(local(text), zone)?.toISOString();

describe('the time of a photo', () => {
  test('is what the camera says where it names its zone', () => {
    const time = parseExifTime('2026:05:01 10:20:30', '+02:00');
    expect(time.captured_at).toBe('2026-05-01T08:20:30.000Z');
    expect(toCapturedAt(time, 'America/Santiago')?.toISOString()).toBe('2026-05-01T08:20:30.000Z');
    expect(parseExifTime('2026:05:01 10:20:30', '-03:30').captured_at).toBe(
      '2026-05-01T13:50:30.000Z',
    );
  });

  test('without a zone is in that of the warehouse, else UTC', () => {
    expect(parseExifTime('2026:05:01 10:20:30', undefined)).toEqual(local('2026-05-01T10:20:30'));
    expect(iso('2026-05-01T10:20:30', 'Europe/Madrid')).toBe('2026-05-01T08:20:30.000Z');
    expect(iso('2026-01-01T10:20:30', 'Europe/Madrid')).toBe('2026-01-01T09:20:30.000Z');
    expect(iso('2026-05-01T10:20:30', null)).toBe('2026-05-01T10:20:30.000Z');
  });

  test('in the hour that a clock change repeats is the first, in the one it skips goes on', () => {
    expect(iso('2026-10-25T02:30:00', 'Europe/Madrid')).toBe('2026-10-25T00:30:00.000Z');
    expect(iso('2026-03-29T02:30:00', 'Europe/Madrid')).toBe('2026-03-29T01:30:00.000Z');
  });

  test('is none for an unset clock or a text that is no time', () => {
    for (const text of ['0000:00:00 00:00:00', '    :  :     :  :  ', '2026:13:40 99:00:00', 7]) {
      expect(parseExifTime(text, undefined)).toEqual({
        captured_at: null,
        captured_at_local: null,
      });
    }
  });

  test('shows the same wall clock in that zone, whatever the moment', () => {
    const zones = fc.constantFrom('Europe/Madrid', 'America/Santiago', 'Asia/Kolkata', 'UTC');
    const seconds = fc.integer({ min: 946_684_800, max: 2_000_000_000 });
    fc.assert(
      fc.property(zones, seconds, (zone, second) => {
        const shown = (at: Date) =>
          new Intl.DateTimeFormat('sv-SE', {
            timeZone: zone,
            dateStyle: 'short',
            timeStyle: 'medium',
          }).format(at);
        const wall = shown(new Date(second * 1000));
        const found = toCapturedAt(local(wall.replace(' ', 'T')), zone);
        expect(found && shown(found)).toBe(wall);
      }),
    );
  });
});
