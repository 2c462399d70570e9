import type { Journal, PhotoRow } from '../buffer/journal.ts';
import { countOf } from '../count/count-ledger.ts';
import { toPhotoJson } from './photo-json.ts';

export interface ListQuery {
  readonly state?: string | undefined;
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
}

/** Newest first; `next` is the cursor of the following page. */
export function listPhotos(journal: Journal, { state, limit = 100, after }: ListQuery) {
  const [time, sha256] = after?.split('-') ?? [];
  const rows = journal.all<PhotoRow>(
    `SELECT * FROM photos WHERE ${ofState(state)}
       AND (accepted_at, sha256) < (?2, ?3)
     ORDER BY accepted_at DESC, sha256 DESC LIMIT ?4`,
    state ?? null,
    time === undefined ? Number.MAX_SAFE_INTEGER : Number(time),
    sha256 ?? '',
    limit + 1,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    photos: page.map((row) => toPhotoJson(row, countOf(journal, row.sha256))),
    next: more ? `${last.accepted_at}-${last.sha256}` : null,
  };
}

/** By an index of its own, so that a rare state costs no look at every photo. */
function ofState(state: string | undefined): string {
  if (state === undefined) return '?1 IS NULL';
  return state === 'quarantined' ? "?1 = 'quarantined' AND quarantine IS NOT NULL" : 'state = ?1';
}
