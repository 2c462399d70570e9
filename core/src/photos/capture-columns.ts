import type { BoxTime } from '../times/box-clock.ts';
import { judgeCaptureTime, type TimeSource } from '../times/capture-time.ts';
import { type CaptureTime, toCapturedAt } from './captured-at.ts';

/** The columns of a capture time: as it was said, or corrected by what is known of the clocks. */
export function toCaptureColumns(
  time: CaptureTime,
  source: TimeSource,
  { timezone, boxTime }: { readonly timezone: string | null; readonly boxTime: BoxTime | null },
) {
  const captured_at = toCapturedAt(time, timezone);
  if (boxTime === null) return { captured_at, captured_at_said: null, time_flag: 'ok' as const };
  const hasZone = time.captured_at !== null || timezone !== null;
  const said = { ms: captured_at?.getTime() ?? null, source, hasZone };
  const { capturedMs, saidMs, flag } = judgeCaptureTime(said, boxTime);
  return {
    captured_at: capturedMs === null ? null : new Date(capturedMs),
    captured_at_said: saidMs === null ? null : new Date(saidMs),
    time_flag: flag,
  };
}
