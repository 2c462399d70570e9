import { AppError } from '@demeter/common/errors';
import type { ReprocessOptions__Output } from '@demeter/proto';

/** How much a reprocessing may cost, and when it may work. */
export interface Limits {
  readonly serverMinutesMax?: number;
  /** RFC 3339. */
  readonly deadline?: string;
  /** Minutes of the day: from (inclusive) to (exclusive), maybe past midnight. */
  readonly hours?: { readonly from: number; readonly to: number };
  /** IANA; of `hours`. */
  readonly timeZone?: string;
}

export type PauseReason = 'person' | 'budget' | 'deadline' | 'hours';

const HOURS = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;

/** What a client asked for, checked. Throws INVALID_INPUT by field. */
export function parseLimits(options: ReprocessOptions__Output): Limits {
  const { server_minutes_max: minutes, deadline, hours, time_zone: timeZone } = options;
  if (!(minutes >= 0 && Number.isFinite(minutes))) {
    throw invalid('server_minutes_max', 'A budget is a number of minutes, 0 for none.');
  }
  if (timeZone !== '' && !isTimeZone(timeZone)) {
    throw invalid('time_zone', `${timeZone} is no IANA time zone.`);
  }
  return {
    ...(minutes > 0 ? { serverMinutesMax: minutes } : {}),
    ...(deadline === '' ? {} : { deadline: parseTime(deadline, 'deadline').toISOString() }),
    ...(hours === '' ? {} : { hours: parseHours(hours) }),
    ...(timeZone === '' ? {} : { timeZone }),
  };
}

/** A moment in RFC 3339. Throws INVALID_INPUT. */
export function parseTime(text: string, field: string): Date {
  const time = new Date(text);
  const hasZone = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/i.test(text);
  if (hasZone && !Number.isNaN(time.getTime())) return time;
  throw invalid(field, 'A time is written as 2026-05-01T20:00:00Z.');
}

function parseHours(text: string): { from: number; to: number } {
  const found = HOURS.exec(text);
  if (!found) throw invalid('hours', 'Hours of the day are written as 20:00-06:00.');
  const [fromHour, fromMinute, toHour, toMinute] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  if (from === to) throw invalid('hours', 'These hours never begin; leave them out for always.');
  return { from, to };
}

export interface Spent {
  readonly serverMs: number;
  /** Null: no budget, or lifted. */
  readonly serverMsMax: number | null;
  readonly now: Date;
}

/** Why it may not work now; null: it may. Pure. */
export function pauseReason(limits: Limits, spent: Spent): Exclude<PauseReason, 'person'> | null {
  const { serverMs, serverMsMax, now } = spent;
  if (serverMsMax !== null && serverMs >= serverMsMax) return 'budget';
  if (limits.deadline !== undefined && now.getTime() >= Date.parse(limits.deadline)) {
    return 'deadline';
  }
  if (limits.hours && !isWithin(limits.hours, minuteOfDay(now, limits.timeZone ?? 'UTC'))) {
    return 'hours';
  }
  return null;
}

function isWithin({ from, to }: { from: number; to: number }, minute: number): boolean {
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function minuteOfDay(now: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  return part('hour') * 60 + part('minute');
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function invalid(field: string, message: string): AppError {
  return new AppError('INVALID_INPUT', message, { field });
}
