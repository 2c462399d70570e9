import type { Journal, PhotoRow } from '../buffer/journal.ts';
import type { BoxCount } from './mesh-counting.ts';

/** Failures of a photo's own after which it waits for the centre's count alone. */
const FAILURES_MAX = 2;

/** A count as the box shows it. */
export interface ShownCount {
  readonly value: number;
  /** Whose: `box` is provisional. */
  readonly source: 'box' | 'centre';
  /** `name/version` of the model on the box; null where the centre has counted. */
  readonly model: string | null;
}

interface CountRow {
  readonly box_count: number | null;
  readonly model: string | null;
  readonly centre_count: number | null;
}

/** The journal's table `counts`: photos to be counted here, and what was counted. */
export class CountLedger {
  constructor(private readonly journal: Journal) {}

  /** `at` in UTC milliseconds. */
  add(sha256: string, at: number): void {
    this.journal.run(
      'INSERT INTO counts (sha256, offered_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
      sha256,
      at,
    );
  }

  /** The newest photo since then that is not counted yet and whose bytes are in the spool. */
  next(since: number): PhotoRow | undefined {
    const [row] = this.journal.all<PhotoRow>(
      `SELECT p.* FROM counts c JOIN photos p USING (sha256)
       WHERE c.box_count IS NULL AND c.failures < ${FAILURES_MAX} AND c.offered_at > ?
         AND p.in_spool = 1
       ORDER BY c.offered_at DESC LIMIT 1`,
      since,
    );
    return row;
  }

  counted(sha256: string, { count, model }: BoxCount): void {
    this.journal.run(
      'UPDATE counts SET box_count = ?, model = ? WHERE sha256 = ?',
      count,
      model,
      sha256,
    );
  }

  failed(sha256: string): void {
    this.journal.run('UPDATE counts SET failures = failures + 1 WHERE sha256 = ?', sha256);
  }

  /** Photos counted here since then that the centre holds and may have counted too, newest first. */
  provisional(since: number, limit: number): string[] {
    return this.journal
      .all<{ sha256: string }>(
        `SELECT c.sha256 FROM counts c JOIN photos p USING (sha256)
         WHERE c.box_count IS NOT NULL AND c.centre_count IS NULL AND c.offered_at > ?
           AND p.receipt IS NOT NULL
         ORDER BY c.offered_at DESC LIMIT ?`,
        since,
        limit,
      )
      .map(({ sha256 }) => sha256);
  }

  replaced(sha256: string, count: number): void {
    this.journal.run('UPDATE counts SET centre_count = ? WHERE sha256 = ?', count, sha256);
  }
}

/** What to show for a photo, or null. */
export function countOf(journal: Journal, sha256: string): ShownCount | null {
  const [row] = journal.all<CountRow>(
    'SELECT box_count, model, centre_count FROM counts WHERE sha256 = ?',
    sha256,
  );
  if (row?.centre_count != null) return { value: row.centre_count, source: 'centre', model: null };
  if (row?.box_count == null) return null;
  return { value: row.box_count, source: 'box', model: row.model };
}
