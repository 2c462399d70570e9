import { DAYS, type Day, type Hours } from '@demeter/common/edge-configuration/schema';

/** What a wall clock of a zone shows. */
interface WallTime {
  /** 0: Monday. */
  readonly day: number;
  /** From midnight. */
  readonly minutes: number;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function wallTime(at: number, timeZone: string): WallTime {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formatters.set(timeZone, formatter);
  }
  const parts = Object.fromEntries(
    formatter.formatToParts(at).map((part) => [part.type, part.value]),
  );
  const day = DAYS.indexOf(parts.weekday?.toLowerCase() as Day);
  return { day, minutes: Number(parts.hour) * 60 + Number(parts.minute) };
}

/** Whether a moment (UTC ms) lies in one of these hours; without any it does. */
export function isWithin(
  hours: readonly Hours[] | undefined,
  timeZone: string,
  at: number,
): boolean {
  if (!hours) return true;
  const { day, minutes } = wallTime(at, timeZone);
  const before = (day + 6) % 7;
  return hours.some(({ days = DAYS, from, to }) => {
    const [start, end] = [toMinutes(from), toMinutes(to)];
    const on = (index: number) => days.some((name) => name === DAYS[index]);
    if (start < end) return on(day) && minutes >= start && minutes < end;
    // Over midnight: the evening of its day, or the morning after.
    return (on(day) && minutes >= start) || (on(before) && minutes < end);
  });
}

function toMinutes(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

const days = new Map<string, Intl.DateTimeFormat>();

/** YYYY-MM-DD of a moment (UTC ms) in a zone. */
export function dayOf(at: number, timeZone: string): string {
  const formatter = days.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone });
  days.set(timeZone, formatter);
  return formatter.format(at);
}
