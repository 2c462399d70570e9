import {
  exifOf,
  type PhotoRow,
  type SightingRow,
  sightingOf,
  verdictOf,
} from '../buffer/journal.ts';
import type { ShownCount } from '../count/count-ledger.ts';

/** A photo as the edge shows it: snake_case, RFC 3339 UTC. */
export function toPhotoJson(row: PhotoRow, count: ShownCount | null) {
  const exif = exifOf(row);
  return {
    photo_id: row.sha256,
    state: row.state,
    /** Why it stands beside the way of the others; it is kept and sent all the same. */
    quarantined: row.quarantine,
    camera: row.camera,
    size_bytes: row.size_bytes,
    media_type: row.media_type,
    width: row.width,
    height: row.height,
    orientation: exif?.orientation ?? null,
    captured_at: exif?.captured_at ?? null,
    captured_at_local: exif?.captured_at_local ?? null,
    position: exif?.position ?? null,
    accepted_at: time(row.accepted_at),
    verified_at: time(row.verified_at),
    evicted_at: time(row.evicted_at),
    verdict: verdictOf(row),
    /** Provisional while its source is `box`; null: not counted yet, as far as this box knows. */
    count,
    receipt: row.receipt,
    attempts: row.attempts,
    next_try_at: row.due_at > 0 ? time(row.due_at) : null,
    parked: row.parked,
    last_error: row.last_error,
    correlation_id: row.correlation_id,
  };
}

export function toSightingJson(row: SightingRow) {
  const { traceparent: _, ...sighting } = sightingOf(row);
  return { ...sighting, registered_at: time(row.registered_at), refused: row.refused };
}

function time(ms: number): string;
function time(ms: number | null): string | null;
function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
