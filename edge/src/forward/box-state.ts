import type { Boot } from '../buffer/boot.ts';
import type { Journal } from '../buffer/journal.ts';
import { fullness } from '../buffer/when-full.ts';
import type { CentreTime } from './centre-time.ts';
import type { Heartbeat, HeartbeatAlarm } from './heartbeat.ts';

/** What the centre has yet to get. */
const UNSENT = ['spooled', 'judged', 'queued', 'uploading', 'stored'] as const;

export interface BoxState {
  readonly journal: Journal;
  readonly clock: { now(): number; monotonic(): number };
  readonly time: CentreTime;
  readonly boot: Boot;
  readonly version: string;
  readonly quotaBytes: number;
  readonly cameras: readonly string[];
  readonly configVersion: () => string | null;
}

/** The heartbeat now. Its questions cost the same with any backlog. */
export function readHeartbeat(state: BoxState, alarms: readonly HeartbeatAlarm[]): Heartbeat {
  const { journal, clock, time, boot, quotaBytes } = state;
  const backlog = readBacklog(journal);
  const held = journal.heldBytes();
  return {
    sent_at: new Date(time.now()).toISOString(),
    clock_correction_ms: time.correctionMs,
    boot_id: boot.id,
    boot_number: boot.number,
    monotonic_ms: clock.monotonic() + boot.aheadMs,
    version: state.version,
    backlog_photos: backlog.photos,
    backlog_bytes: backlog.bytes,
    oldest_unsent_at: toTime(backlog.oldest),
    held_bytes: held,
    quota_bytes: quotaBytes,
    fullness: fullness(held, quotaBytes),
    alarms,
    cameras: state.cameras.map((code) => ({ code, last_photo_at: lastPhotoAt(journal, code) })),
    config_version: state.configVersion(),
  };
}

/** Photos that the centre refuses until a person has looked. */
export function parkedPhotos(journal: Journal): number {
  const [row] = journal.all<{ photos: number }>(
    `SELECT count(*) AS photos FROM photos
     WHERE state IN ('judged','queued','stored') AND due_at > 0 AND parked IS NOT NULL`,
  );
  return row?.photos ?? 0;
}

function readBacklog(journal: Journal) {
  const marks = UNSENT.map(() => '?').join(',');
  const [sum] = journal.all<{ photos: number; bytes: number }>(
    `SELECT coalesce(sum(photos), 0) AS photos, coalesce(sum(spool_bytes), 0) AS bytes
     FROM tallies WHERE state IN (${marks})`,
    ...UNSENT,
  );
  const oldest = UNSENT.flatMap((state) =>
    journal.all<{ at: number | null }>(
      'SELECT min(accepted_at) AS at FROM photos WHERE state = ?',
      state,
    ),
  ).flatMap(({ at }) => (at === null ? [] : [at]));
  return {
    photos: sum?.photos ?? 0,
    bytes: sum?.bytes ?? 0,
    oldest: oldest.length > 0 ? Math.min(...oldest) : null,
  };
}

function lastPhotoAt(journal: Journal, camera: string): string | null {
  const [row] = journal.all<{ at: number | null }>(
    'SELECT max(accepted_at) AS at FROM sightings WHERE camera = ?',
    camera,
  );
  return toTime(row?.at ?? null);
}

function toTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
