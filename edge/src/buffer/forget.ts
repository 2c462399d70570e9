import type { Journal } from './journal.ts';

/** Photos of one round: no camera is answered while it runs. */
const BATCH = 100;

export interface ForgetRule {
  /** Photos that left this box before then, UTC milliseconds. */
  readonly before: number;
  /** Only those of which the centre knows that a policy has given them up. */
  readonly centreMustKnow: boolean;
}

/**
 * Forgets photos that left this box long ago, those first that left first, so that the journal and
 * its check at a start do not grow for ever; answers how many. What policies did stays in the sums,
 * and each camera's last photo stays. Days that lack some of their sightings are kept in mind, so
 * that the centre is not thought to have too many (reconcile/own-days.ts).
 */
export function forgetGone(journal: Journal, { before, centreMustKnow }: ForgetRule): number {
  const rows = journal.all<{ sha256: string }>(
    `SELECT sha256 FROM photos INDEXED BY photos_gone
     WHERE state IN ('evicted','resolved') AND coalesce(evicted_at, resolved_at) < ?
       AND seen_again = 0 AND (state = 'evicted' OR stood_in_at IS NOT NULL OR NOT ?)
       AND NOT EXISTS (SELECT 1 FROM sightings AS own WHERE own.sha256 = photos.sha256
         AND own.accepted_at = (SELECT max(accepted_at) FROM sightings WHERE camera = own.camera))
     ORDER BY coalesce(evicted_at, resolved_at) LIMIT ${BATCH}`,
    before,
    Number(centreMustKnow),
  );
  if (rows.length === 0) return 0;
  // Taken back by a power cut, they are forgotten again.
  journal.note(() => {
    for (const { sha256 } of rows) forget(journal, sha256);
  });
  return rows.length;
}

function forget(journal: Journal, sha256: string): void {
  journal.run(
    `INSERT OR IGNORE INTO forgotten_days
     SELECT DISTINCT date(accepted_at / 1000, 'unixepoch') FROM sightings WHERE sha256 = ?`,
    sha256,
  );
  journal.run(
    `INSERT INTO policy_totals
     SELECT action, policy, verdict, count(*) FROM policy_actions WHERE sha256 = ? GROUP BY 1, 2, 3
     ON CONFLICT DO UPDATE SET photos = photos + excluded.photos`,
    sha256,
  );
  for (const table of ['policy_actions', 'counts', 'part_uploads', 'sightings', 'photos']) {
    journal.run(`DELETE FROM ${table} WHERE sha256 = ?`, sha256);
  }
}

/** Whether some of the day's sightings are forgotten; YYYY-MM-DD, UTC. */
export function isForgottenDay(journal: Journal, day: string): boolean {
  return journal.all('SELECT 1 FROM forgotten_days WHERE day = ?', day).length > 0;
}
