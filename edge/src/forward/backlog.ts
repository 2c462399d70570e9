import type { Journal, PhotoRow } from '../buffer/journal.ts';

/**
 * Which photo is sent next. Lane 0, telemetry and alarms, has a way of its own (control-lane.ts);
 * here are 1, what the centre has lost and asks for again, 2, what is sent now, its newest photos
 * before its backlog, and the lanes after it, what is sent later. Each question has an index of
 * its own, so that its cost does not grow with the backlog.
 */

/** The lanes of photos, in order: 1, what the centre has lost (reconcile/), then those of policies. */
const LANES = [1, 2, 3, 4] as const;
/** Share of tries that take the newest: people wait for those; the rest drains the backlog. */
const NEWEST_SHARE = 0.7;
/** Share of tries that take the oldest of all lanes, so that poor photos do not starve. */
const ANY_LANE_SHARE = 0.1;
/** Share of tries that look for photos that the centre holds, seen once more, before all others. */
const SEEN_AGAIN_SHARE = 0.05;
/** Waiting photos whose time has come and which become ready, at once. */
const DUE_AT_ONCE = 500;

const UNSENT = "state IN ('judged','queued','stored')";

export interface BacklogQuery {
  readonly now: number;
  /** Photos under way. */
  readonly excluded: ReadonlySet<string>;
  /** True to try whatever there is, due or not: the destination is tried for being back. */
  readonly ignoreDue: boolean;
  readonly random: () => number;
}

export function nextToSend(journal: Journal, query: BacklogQuery): PhotoRow | undefined {
  const again = () => seenAgain(journal, query);
  const draw = query.random();
  return (
    (draw >= 1 - SEEN_AGAIN_SHARE ? again() : undefined) ??
    ready(journal, query, draw) ??
    (query.ignoreDue ? waiting(journal, query) : undefined) ??
    again()
  );
}

/** What is asked twice a second, mostly for nothing: a row of all columns costs twice as much. */
type Candidate = Pick<PhotoRow, 'sha256' | 'accepted_at'>;

/** Of all lanes, the first lane's oldest first. */
const OLDEST = `SELECT sha256, accepted_at, lane FROM photos INDEXED BY photos_ready
  WHERE ${UNSENT} AND due_at = 0 ORDER BY lane, accepted_at LIMIT ?`;
const ofLane = (order: 'ASC' | 'DESC') =>
  `SELECT sha256, accepted_at FROM photos INDEXED BY photos_ready
   WHERE ${UNSENT} AND due_at = 0 AND lane = ? ORDER BY accepted_at ${order} LIMIT ?`;
const [OLDEST_OF_LANE, NEWEST_OF_LANE] = [ofLane('ASC'), ofLane('DESC')];

function ready(journal: Journal, query: BacklogQuery, draw: number): PhotoRow | undefined {
  const limit = query.excluded.size + 1;
  const first = firstOf(journal.all<Candidate & Pick<PhotoRow, 'lane'>>(OLDEST, limit), query);
  if (!first) return undefined;
  const inLane = (sql: string, lane: number) =>
    firstOf(journal.all<Candidate>(sql, lane, limit), query);
  if (draw < ANY_LANE_SHARE) {
    const others = LANES.filter((lane) => lane > first.lane);
    const firsts = others.flatMap((lane) => inLane(OLDEST_OF_LANE, lane) ?? []);
    const oldest = firsts.reduce<Candidate>(
      (best, other) => (other.accepted_at < best.accepted_at ? other : best),
      first,
    );
    return rowOf(journal, oldest);
  }
  const newest = draw < ANY_LANE_SHARE + NEWEST_SHARE;
  return rowOf(journal, newest ? inLane(NEWEST_OF_LANE, first.lane) : first);
}

function waiting(journal: Journal, query: BacklogQuery): PhotoRow | undefined {
  const rows = journal.all<Candidate>(
    `SELECT sha256, accepted_at FROM photos INDEXED BY photos_waiting
     WHERE ${UNSENT} AND due_at > 0 AND parked IS NULL ORDER BY due_at LIMIT ?`,
    query.excluded.size + 1,
  );
  return rowOf(journal, firstOf(rows, query));
}

/** Photos that the centre holds, with a sighting that it does not know yet. */
function seenAgain(journal: Journal, query: BacklogQuery): PhotoRow | undefined {
  const rows = journal.all<Candidate>(
    `SELECT sha256, accepted_at FROM photos INDEXED BY photos_seen_again
     WHERE seen_again = 1 AND due_at <= ? ORDER BY due_at LIMIT ?`,
    query.now,
    query.excluded.size + 1,
  );
  return rowOf(journal, firstOf(rows, query));
}

function firstOf<T extends Candidate>(
  rows: readonly T[],
  { excluded }: BacklogQuery,
): T | undefined {
  return rows.find((row) => !excluded.has(row.sha256));
}

function rowOf(journal: Journal, found: Candidate | undefined): PhotoRow | undefined {
  return found && (journal.photo(found.sha256) ?? undefined);
}

const waitingUntil = (condition: string) =>
  `SELECT sha256 FROM photos INDEXED BY photos_waiting
   WHERE ${UNSENT} AND due_at > 0 AND ${condition} LIMIT ${DUE_AT_ONCE}`;
const [DUE, LEFT_BEHIND] = [waitingUntil('due_at <= ?'), waitingUntil('due_at > ?')];
const SEEN_AGAIN_LEFT_BEHIND = `SELECT sha256 FROM photos INDEXED BY photos_seen_again
  WHERE seen_again = 1 AND due_at > ? LIMIT ${DUE_AT_ONCE}`;

/**
 * Makes ready what has waited long enough. `waitMaxMs` is the longest pause there is: who waits
 * for longer has been left behind by a clock that was set back.
 */
export function makeReady(journal: Journal, now: number, waitMaxMs: number): number {
  const latest = now + waitMaxMs;
  const rows = [
    ...journal.all<{ sha256: string }>(DUE, now),
    ...journal.all<{ sha256: string }>(LEFT_BEHIND, latest),
    // The others of those that are seen again are found by their time.
    ...journal.all<{ sha256: string }>(SEEN_AGAIN_LEFT_BEHIND, latest),
  ];
  if (rows.length === 0) return 0;
  // After a power cut they wait as before and become ready again.
  journal.note(() => {
    for (const { sha256 } of rows) journal.update(sha256, { due_at: 0 });
  });
  return rows.length;
}

/**
 * After the destination came back: everything that waited for it is due at once, and what was due
 * already waits after its next failure as after its first. What is under way may still fail of the
 * outage.
 */
export function wakeAll(journal: Journal): void {
  journal.run(
    `UPDATE photos INDEXED BY photos_tried SET due_at = 0, attempts = 0
     WHERE attempts > 0 AND parked IS NULL`,
  );
}
