import type { Timetable } from '@demeter/common/edge-configuration/schema';
import { isWithin } from '../forward/hours.ts';

/** When a camera is asked next, as a rule without I/O. */

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Hours come round within a week; the day more covers a change of clocks. */
const SEARCH_MS = 8 * DAY_MS;

export type ZonedTimetable = Timetable & { readonly time_zone: string };

/** The time between two shots in milliseconds. */
export function intervalMs({ every }: Timetable): number {
  const unit = every.slice(-1) as keyof typeof UNITS;
  return Number(every.slice(0, -1)) * UNITS[unit];
}

/**
 * The first shot after `after` (UTC ms): counted from midnight of the zone, so that 15m means :00,
 * :15, :30, :45 in every place and after every restart. Null: none of the hours ever comes.
 */
export function nextShot(timetable: ZonedTimetable, after: number): number | null {
  const every = intervalMs(timetable);
  const { hours, time_zone: zone } = timetable;
  let at = after;
  while (at - after <= SEARCH_MS) {
    at = nextOnGrid(at, every, zone);
    if (isWithin(hours, zone, at)) return at;
    // Hours are of whole minutes: nothing changes before the next one.
    at = Math.max(at, Math.floor(at / MINUTE_MS) * MINUTE_MS + MINUTE_MS - 1);
  }
  return null;
}

/** The next multiple of `every` since midnight, or midnight itself. */
function nextOnGrid(at: number, every: number, zone: string): number {
  const since = sinceMidnight(at, zone);
  const next = (Math.floor(since / every) + 1) * every;
  return at + Math.min(next, DAY_MS) - since;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds since midnight by the wall clock of a zone. */
function sinceMidnight(at: number, zone: string): number {
  let formatter = formatters.get(zone);
  if (!formatter) {
    const parts = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
    formatter = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...parts });
    formatters.set(zone, formatter);
  }
  const [hour = 0, minute = 0, second = 0] = formatter.format(at).split(':').map(Number);
  return hour * UNITS.h + minute * UNITS.m + second * UNITS.s + (((at % 1000) + 1000) % 1000);
}
