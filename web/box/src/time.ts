import { LOCALE, texts } from './texts.ts';

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' });

/** "3 minutes ago"; below a minute "just now", also where the box's clock is ahead of ours. */
export function ago(seconds: number): string {
  for (const [unit, length] of STEPS) {
    if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  }
  return texts.justNow;
}

/** The same of an RFC 3339 time. */
export function agoOf(at: string, nowMs: number): string {
  return ago((nowMs - Date.parse(at)) / 1000);
}
