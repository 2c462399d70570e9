import type { Journal, PhotoRow } from '../buffer/journal.ts';

/** Which photo is sent next. */

/** Share of tries that take the newest: people wait for those; the rest drains the backlog. */
const NEWEST_SHARE = 0.7;
/** Share of tries that take the oldest of all lanes, so that poor photos do not starve. */
const ANY_LANE_SHARE = 0.1;

export interface BacklogQuery {
  readonly now: number;
  /** Photos under way. */
  readonly excluded: ReadonlySet<string>;
  /** True to try whatever there is, due or not: the destination is tried for being back. */
  readonly ignoreDue: boolean;
  readonly random: () => number;
}

export function nextToSend(journal: Journal, query: BacklogQuery): PhotoRow | undefined {
  const draw = query.random();
  const order =
    draw < ANY_LANE_SHARE
      ? 'accepted_at'
      : draw < ANY_LANE_SHARE + NEWEST_SHARE
        ? 'lane, accepted_at DESC'
        : 'lane, accepted_at';
  const due = query.ignoreDue ? '(due_at <= ? OR parked IS NULL)' : 'due_at <= ?';
  const limit = query.excluded.size + 1;
  const unsent = journal.all<PhotoRow>(
    `SELECT * FROM photos WHERE state IN ('judged','queued','stored') AND ${due}
     ORDER BY ${order} LIMIT ?`,
    query.now,
    limit,
  );
  const found = unsent.find((row) => !query.excluded.has(row.sha256));
  if (found) return found;
  // Photos that the centre holds, seen once more.
  const again = journal.all<PhotoRow>(
    `SELECT * FROM photos WHERE state IN ('verified','evicted') AND ${due} AND sha256 IN
       (SELECT sha256 FROM sightings WHERE registered_at IS NULL AND refused IS NULL)
     ORDER BY accepted_at LIMIT ?`,
    query.now,
    limit,
  );
  return again.find((row) => !query.excluded.has(row.sha256));
}

/** After the destination came back: everything that waited for it is due at once. */
export function wakeAll(journal: Journal): void {
  journal.run(
    `UPDATE photos SET due_at = 0, attempts = 0
     WHERE parked IS NULL AND due_at > 0 AND (state IN ('judged','queued','stored')
       OR sha256 IN (SELECT sha256 FROM sightings WHERE registered_at IS NULL AND refused IS NULL))`,
  );
}
