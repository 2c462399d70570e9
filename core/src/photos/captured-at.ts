/** When a photo was taken, as far as its own data tells. */
export interface CaptureTime {
  /** RFC 3339 UTC; known where the camera named its zone. */
  readonly captured_at: string | null;
  /** Wall time of the camera, `YYYY-MM-DDTHH:MM:SS`, where it named none. */
  readonly captured_at_local: string | null;
}

const DAY_MS = 86_400_000;
const LOCAL = /^(\d{4})[-:](\d{2})[-:](\d{2})[T ](\d{2}):(\d{2}):(\d{2})/;
const OFFSET = /^([+-])(\d{2}):(\d{2})$/;

/**
 * The moment in UTC: of a time without a zone, by the zone of the place's warehouse, else UTC.
 * `timezone`: IANA; null where the place is not known.
 */
export function toCapturedAt(time: CaptureTime, timezone: string | null): Date | null {
  if (time.captured_at !== null) return new Date(time.captured_at);
  if (time.captured_at_local === null) return null;
  return localToUtc(time.captured_at_local, timezone ?? 'UTC');
}

/** EXIF's `YYYY:MM:DD HH:MM:SS` and, where there is one, its `±HH:MM`. */
export function parseExifTime(text: unknown, offset: unknown): CaptureTime {
  const none = { captured_at: null, captured_at_local: null };
  if (typeof text !== 'string') return none;
  const wall = parseWall(text);
  if (wall === null) return none;
  const zone = typeof offset === 'string' ? OFFSET.exec(offset.trim()) : null;
  if (!zone) return { captured_at: null, captured_at_local: wall.text };
  const minutes = Number(zone[2]) * 60 + Number(zone[3]);
  const utc = wall.asUtcMs - (zone[1] === '-' ? -minutes : minutes) * 60_000;
  return { captured_at: new Date(utc).toISOString(), captured_at_local: null };
}

/** Null for what is no time, such as the `0000:00:00 00:00:00` of an unset clock. */
function parseWall(text: string): { text: string; asUtcMs: number } | null {
  const parts = LOCAL.exec(text);
  if (!parts) return null;
  const [, year, month, day, hour, minute, second] = parts;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const asUtcMs = Date.parse(`${iso}Z`);
  return Number.isNaN(asUtcMs) || year === '0000' ? null : { text: iso, asUtcMs };
}

/** In the hour that a clock change repeats, the first of both; in the one it skips, shifted on. */
function localToUtc(local: string, timezone: string): Date | null {
  const wall = parseWall(local);
  if (wall === null) return null;
  // Clocks change at most once within a day of the moment sought: its offset is one of these.
  const [before, after] = [-DAY_MS, DAY_MS].map((by) => offsetMs(wall.asUtcMs + by, timezone));
  const moments = [before ?? 0, after ?? 0].map((offset) => wall.asUtcMs - offset);
  const shown = moments.filter((at) => at + offsetMs(at, timezone) === wall.asUtcMs);
  return new Date(shown.length > 0 ? Math.min(...shown) : wall.asUtcMs - (before ?? 0));
}

function offsetMs(utcMs: number, timezone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(utcMs);
  const get = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(
    get('year'),
    get('month') - 1,
    get('day'),
    get('hour'),
    get('minute'),
    get('second'),
  );
  return wall - Math.floor(utcMs / 1000) * 1000;
}
