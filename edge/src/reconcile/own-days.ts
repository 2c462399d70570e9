import { DAY_MS, dayOf, parseSightingKey, toSightingKey } from '@demeter/common/edge-days';
import { isForgottenDay } from '../buffer/forget.ts';
import type { Journal } from '../buffer/journal.ts';

/** What the journal says of a day's sightings that the centre has a receipt for. */

/** Rows of one step: the accept path waits no longer than for these. */
const STEP = 2_000;
/** Days before the first photo still held: nothing could be sent again from them. */
const HELD = "state <> 'evicted' AND receipt IS NOT NULL";

/**
 * YYYY-MM-DD (UTC) of every day with sightings, from the oldest of which something is held here. Of
 * a day that is not whole any more only until all that is held of it was found at the centre: its
 * digest never agrees, and its keys would be read each night.
 */
export function heldDays(journal: Journal): string[] {
  const [oldest] = journal.all<{ at: number | null }>(
    `SELECT min(accepted_at) AS at FROM photos WHERE ${HELD}`,
  );
  const days: string[] = [];
  let from = oldest?.at ?? null;
  while (from !== null) {
    const [next] = journal.all<{ at: number | null }>(
      'SELECT min(accepted_at) AS at FROM sightings WHERE accepted_at >= ?',
      from,
    );
    if (next === undefined || next.at === null) break;
    days.push(dayOf(next.at));
    from = (Math.floor(next.at / DAY_MS) + 1) * DAY_MS;
  }
  return days.filter((day) => !isForgottenDay(journal, day) || isUncompared(journal, day));
}

/** Whether a photo of the day was not found at the centre since its receipt. */
function isUncompared(journal: Journal, day: string): boolean {
  const start = Date.parse(day);
  const found = journal.all(
    `SELECT 1 FROM sightings s JOIN photos p ON p.sha256 = s.sha256
     WHERE s.accepted_at >= ? AND s.accepted_at < ?
       AND p.state = 'verified' AND p.reconciled_at IS NULL LIMIT 1`,
    start,
    start + DAY_MS,
  );
  return found.length > 0;
}

/** Keys of the day's registered sightings; `rest` lets others have their turn between two steps. */
export async function keysOfDay(
  journal: Journal,
  day: string,
  rest: () => Promise<void>,
): Promise<string[]> {
  const start = Date.parse(day);
  const keys: string[] = [];
  let after = { accepted_at: start, sha256: '', id: '' };
  for (;;) {
    const rows = journal.all<typeof after & { settled: number }>(
      `SELECT s.accepted_at, s.sha256, s.id, p.state IN ('verified','evicted')
          AND (s.registered_at IS NOT NULL OR s.refused IS NOT NULL) AS settled
         FROM sightings s JOIN photos p ON p.sha256 = s.sha256
        WHERE s.accepted_at < ? AND (s.accepted_at, s.sha256, s.id) > (?, ?, ?)
        ORDER BY s.accepted_at, s.sha256, s.id LIMIT ${STEP}`,
      start + DAY_MS,
      after.accepted_at,
      after.sha256,
      after.id,
    );
    for (const row of rows) {
      if (row.settled) keys.push(toSightingKey({ sha256: row.sha256, sightingId: row.id }));
    }
    const last = rows.at(-1);
    if (!last || rows.length < STEP) return keys;
    after = last;
    await rest();
  }
}

/** Notes that the centre had these photos at `at`, where their receipt is older than that. */
export async function noteAgreed(
  journal: Journal,
  keys: readonly string[],
  at: number,
  rest: () => Promise<void>,
): Promise<void> {
  for (let from = 0; from < keys.length; from += STEP) {
    const step = keys.slice(from, from + STEP);
    journal.transaction(() => {
      for (const key of step) {
        journal.run(
          `UPDATE photos SET reconciled_at = ?
            WHERE sha256 = ? AND state = 'verified' AND verified_at <= ?`,
          at,
          parseSightingKey(key).sha256,
          at,
        );
      }
    });
    await rest();
  }
}
