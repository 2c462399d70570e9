import { signal } from '@preact/signals';
import { LOCALE, texts } from '../texts.ts';

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });

/** "3 minutes ago" of an RFC 3339 time; below a minute "just now", also where a clock is ahead of ours. */
export function timeAgo(at: string, nowMs: number): string {
  const seconds = Math.max(0, (nowMs - Date.parse(at)) / 1000);
  for (const [unit, length] of STEPS) {
    if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  }
  return texts.justNow;
}

/** The time in the reader's own zone and manner. */
export function fullTime(at: string): string {
  return absolute.format(new Date(at));
}

/** Moves on twice a minute, so that ages on the screen stay true. */
export const now = signal(Date.now());

export function startClock(): void {
  setInterval(() => {
    now.value = Date.now();
  }, 30_000);
}
