import type { Journal, PhotoRow } from '../buffer/journal.ts';
import { verdictOf } from '../buffer/journal.ts';
import { countOf } from '../count/count-ledger.ts';

/** Photos as the box's own page shows them to workers. */

/**
 * A photo whose verdict is not good, which cannot be opened, or which the centre refused; word for
 * word as in the index photos_rejected.
 */
const REJECTED = `(quarantine IS NOT NULL OR parked IS NOT NULL OR json_extract(verdict, '$.result') <> 'good')`;

/** Lane of photos that are sent first (policy/). */
const FRESH_LANE = 2;

export interface PagePhotosQuery {
  readonly show: 'all' | 'rejected';
  readonly limit: number;
  /** Cursor of an earlier answer: newer photos are left out. */
  readonly after?: string | undefined;
}

/** What a row of the page needs to know beside the photo itself. */
export interface Names {
  /** What people call a camera or phone. */
  readonly nameOf: (camera: string) => string;
}

/** Newest first; `next` is the cursor of the following answer. */
export function listPagePhotos(journal: Journal, query: PagePhotosQuery, names: Names) {
  const [time, sha256] = query.after?.split('-') ?? [];
  const rows = journal.all<PhotoRow>(
    `SELECT * FROM photos
     WHERE (?1 IS NULL OR (accepted_at, sha256) < (?1, ?2))
       ${query.show === 'rejected' ? `AND ${REJECTED}` : ''}
     ORDER BY accepted_at DESC, sha256 DESC LIMIT ?3`,
    time === undefined ? null : Number(time),
    sha256 ?? null,
    query.limit + 1,
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    photos: page.map((row) => toPagePhoto(journal, row, names)),
    next: rows.length > query.limit && last ? `${last.accepted_at}-${last.sha256}` : null,
  };
}

export function toPagePhoto(journal: Journal, row: PhotoRow, { nameOf }: Names) {
  const verdict = verdictOf(row);
  return {
    photo_id: row.sha256,
    state: row.state,
    camera: nameOf(row.camera),
    place: placeOf(journal, row.sha256),
    accepted_at: new Date(row.accepted_at).toISOString(),
    verdict: verdict && {
      result: verdict.result,
      reasons: verdict.reasons.map(({ code, sentence }) => ({ code, sentence })),
    },
    /** Plants; provisional while its source is `box`. */
    count: countOf(journal, row.sha256),
    /** Code with which the centre refused it. */
    parked: row.parked,
    has_preview: row.in_spool === 1,
    /** True while "send anyway" changes something: kept back here, or behind the good ones. */
    can_send: row.state === 'rejected_kept' || (row.lane > FRESH_LANE && isWaiting(row)),
  };
}

function isWaiting({ state }: PhotoRow): boolean {
  return state === 'judged' || state === 'queued';
}

/** The last place that was named for it. */
function placeOf(journal: Journal, sha256: string): string | null {
  const [row] = journal.all<{ place: string | null }>(
    `SELECT json_extract(sighting, '$.location_code') AS place FROM sightings
     WHERE sha256 = ? ORDER BY id DESC LIMIT 1`,
    sha256,
  );
  return row?.place ?? null;
}

/** The photo that a camera took last. */
export function lastPhotoOf(journal: Journal, camera: string): PhotoRow | null {
  const [row] = journal.all<PhotoRow>(
    `SELECT photos.* FROM sightings JOIN photos USING (sha256)
     WHERE sightings.camera = ? ORDER BY sightings.accepted_at DESC LIMIT 1`,
    camera,
  );
  return row ?? null;
}
