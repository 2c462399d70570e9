import type { Database } from 'bun:sqlite';
import { AppError } from '@demeter/common/errors';

/**
 * The journal's tables as numbered steps. Boxes in the field keep their journal for years: a step
 * that has landed is never changed, only followed by another. Step n brings version n - 1 to
 * version n; SQLite's `user_version` says where a file stands. Foreign keys are checked from then
 * on only: a step may make a table anew.
 */
const STEPS: readonly string[] = [
  // 1: photos and their sightings.
  `
CREATE TABLE photos (
  sha256 TEXT PRIMARY KEY,
  size_bytes INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('spooled','judged','queued','uploading','stored','verified','evicted')),
  camera TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  traceparent TEXT,
  accepted_at INTEGER NOT NULL,
  verdict TEXT,
  quarantine TEXT,
  phash TEXT,
  exif TEXT,
  judge_crashes INTEGER NOT NULL DEFAULT 0,
  lane INTEGER NOT NULL DEFAULT 2,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL DEFAULT 0,
  parked TEXT,
  last_error TEXT,
  receipt TEXT,
  verified_at INTEGER,
  evicted_at INTEGER,
  in_spool INTEGER NOT NULL DEFAULT 1,
  buffered_at INTEGER,
  CHECK (state NOT IN ('verified','evicted') OR receipt IS NOT NULL)
) STRICT;
CREATE INDEX photos_state ON photos (state, due_at);
CREATE INDEX photos_to_send ON photos (lane, accepted_at) WHERE state IN ('judged','queued','stored');
CREATE INDEX photos_accepted ON photos (accepted_at, sha256);
CREATE INDEX photos_held ON photos (in_spool, buffered_at, size_bytes);
CREATE TABLE sightings (
  id TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL REFERENCES photos,
  camera TEXT NOT NULL,
  accepted_at INTEGER NOT NULL,
  captured_at TEXT,
  captured_at_source TEXT NOT NULL,
  sighting TEXT NOT NULL,
  registered_at INTEGER,
  refused TEXT
) STRICT;
CREATE INDEX sightings_photo ON sightings (sha256);
CREATE INDEX sightings_camera ON sightings (camera, accepted_at);
CREATE INDEX sightings_unregistered ON sightings (sha256) WHERE registered_at IS NULL AND refused IS NULL;
`,
  // Counts made on the box, and the centre's that took their place (count/).
  `
CREATE TABLE counts (
  sha256 TEXT PRIMARY KEY REFERENCES photos,
  offered_at INTEGER NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0,
  box_count INTEGER,
  model TEXT,
  centre_count INTEGER
) STRICT;
CREATE INDEX counts_waiting ON counts (offered_at) WHERE box_count IS NULL AND failures < 2;
CREATE INDEX counts_provisional ON counts (offered_at) WHERE box_count IS NOT NULL AND centre_count IS NULL;
`,
  // Comparison with the centre (reconcile/): when a photo was last found there, and how each went.
  `
ALTER TABLE photos ADD COLUMN reconciled_at INTEGER;
CREATE INDEX sightings_day ON sightings (accepted_at, sha256, id);
CREATE TABLE reconciliations (
  started_at INTEGER PRIMARY KEY,
  report TEXT NOT NULL
) STRICT;
`,
  // Photos that a policy keeps back here, and what was done by policies (policy/). SQLite changes
  // no CHECK: the table is made anew, by the way its documentation tells.
  `
CREATE TABLE photos_next (
  sha256 TEXT PRIMARY KEY,
  size_bytes INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('spooled','judged','queued','uploading','stored','verified','evicted',
     'rejected_kept','resolved')),
  camera TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  traceparent TEXT,
  accepted_at INTEGER NOT NULL,
  verdict TEXT,
  quarantine TEXT,
  phash TEXT,
  exif TEXT,
  judge_crashes INTEGER NOT NULL DEFAULT 0,
  lane INTEGER NOT NULL DEFAULT 2,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL DEFAULT 0,
  parked TEXT,
  last_error TEXT,
  receipt TEXT,
  verified_at INTEGER,
  evicted_at INTEGER,
  in_spool INTEGER NOT NULL DEFAULT 1,
  buffered_at INTEGER,
  reconciled_at INTEGER,
  policy TEXT,
  keep_until INTEGER,
  stood_in_at INTEGER,
  resolved_at INTEGER,
  CHECK (state NOT IN ('verified','evicted') OR receipt IS NOT NULL),
  CHECK (state <> 'resolved' OR resolved_at IS NOT NULL)
) STRICT;
INSERT INTO photos_next SELECT *, NULL, NULL, NULL, NULL FROM photos;
DROP TABLE photos;
ALTER TABLE photos_next RENAME TO photos;
CREATE INDEX photos_state ON photos (state, due_at);
CREATE INDEX photos_to_send ON photos (lane, accepted_at) WHERE state IN ('judged','queued','stored');
CREATE INDEX photos_accepted ON photos (accepted_at, sha256);
CREATE INDEX photos_held ON photos (in_spool, buffered_at, size_bytes);
CREATE INDEX photos_kept ON photos (keep_until) WHERE state = 'rejected_kept';
CREATE TABLE policy_actions (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  sha256 TEXT NOT NULL REFERENCES photos,
  action TEXT NOT NULL CHECK (action IN ('kept','sent','resolved')),
  policy TEXT NOT NULL,
  verdict TEXT NOT NULL,
  actor TEXT NOT NULL
) STRICT;
CREATE INDEX policy_actions_photo ON policy_actions (sha256);
`,
  // Paired phones (pairing/), and photos of which they have sent only a part (uploads/).
  `
CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  token_sha256 TEXT NOT NULL UNIQUE,
  paired_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT;
CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  device TEXT NOT NULL REFERENCES devices ON DELETE CASCADE,
  size_bytes INTEGER NOT NULL,
  offset_bytes INTEGER NOT NULL DEFAULT 0,
  metadata TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  sha256 TEXT
) STRICT;
CREATE INDEX uploads_device ON uploads (device);
`,
  // Sums, so that no accept counts 100,000 rows; when bytes were last read and found whole (scrub);
  // moments of this journal's own; indexes for the questions that are asked all the time.
  `
ALTER TABLE photos ADD COLUMN checked_at INTEGER;
CREATE TABLE tallies (
  state TEXT PRIMARY KEY,
  photos INTEGER NOT NULL,
  held_bytes INTEGER NOT NULL,
  spool_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tallies
  SELECT state, count(*), sum(size_bytes * (in_spool + (buffered_at IS NOT NULL))),
    sum(size_bytes * in_spool) FROM photos GROUP BY state;
CREATE TRIGGER tally_insert AFTER INSERT ON photos BEGIN
  INSERT INTO tallies VALUES (new.state, 1,
      new.size_bytes * (new.in_spool + (new.buffered_at IS NOT NULL)), new.size_bytes * new.in_spool)
    ON CONFLICT (state) DO UPDATE SET photos = photos + 1,
      held_bytes = held_bytes + excluded.held_bytes, spool_bytes = spool_bytes + excluded.spool_bytes;
END;
CREATE TRIGGER tally_delete AFTER DELETE ON photos BEGIN
  UPDATE tallies SET photos = photos - 1,
    held_bytes = held_bytes - old.size_bytes * (old.in_spool + (old.buffered_at IS NOT NULL)),
    spool_bytes = spool_bytes - old.size_bytes * old.in_spool WHERE state = old.state;
END;
CREATE TRIGGER tally_update AFTER UPDATE OF state, size_bytes, in_spool, buffered_at ON photos BEGIN
  UPDATE tallies SET photos = photos - 1,
    held_bytes = held_bytes - old.size_bytes * (old.in_spool + (old.buffered_at IS NOT NULL)),
    spool_bytes = spool_bytes - old.size_bytes * old.in_spool WHERE state = old.state;
  INSERT INTO tallies VALUES (new.state, 1,
      new.size_bytes * (new.in_spool + (new.buffered_at IS NOT NULL)), new.size_bytes * new.in_spool)
    ON CONFLICT (state) DO UPDATE SET photos = photos + 1,
      held_bytes = held_bytes + excluded.held_bytes, spool_bytes = spool_bytes + excluded.spool_bytes;
END;
CREATE TABLE moments (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
DROP INDEX photos_state;
CREATE INDEX photos_state ON photos (state, accepted_at);
DROP INDEX photos_held;
CREATE INDEX photos_copies ON photos (in_spool, buffered_at, accepted_at);
CREATE INDEX photos_verified ON photos (verified_at) WHERE state = 'verified';
CREATE INDEX photos_quarantined ON photos (in_spool, size_bytes) WHERE quarantine IS NOT NULL;
CREATE INDEX photos_to_check ON photos (checked_at) WHERE in_spool = 1;
`,
  // Starts of the machine, counted: the order of sightings whatever the wall clock says (boot.ts).
  `
CREATE TABLE boots (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
`,
  // Sending (forward/): photos in parts, bytes by day, and indexes that find the next photo among
  // 100,000 at the same cost as among ten: due now (due_at = 0), waiting, and seen once more.
  `
CREATE TABLE part_uploads (
  sha256 TEXT PRIMARY KEY REFERENCES photos,
  upload_id TEXT NOT NULL,
  part_bytes INTEGER NOT NULL,
  begun_at INTEGER NOT NULL
) STRICT;
CREATE TABLE parts (
  sha256 TEXT NOT NULL REFERENCES part_uploads ON DELETE CASCADE,
  number INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  part_sha256 TEXT NOT NULL,
  sends INTEGER NOT NULL DEFAULT 0,
  arrived_at INTEGER,
  PRIMARY KEY (sha256, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE traffic (day TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
ALTER TABLE photos ADD COLUMN seen_again INTEGER NOT NULL DEFAULT 0;
UPDATE photos SET seen_again = 1 WHERE state IN ('verified','evicted') AND sha256 IN
  (SELECT sha256 FROM sightings WHERE registered_at IS NULL AND refused IS NULL);
DROP INDEX photos_to_send;
CREATE INDEX photos_ready ON photos (lane, accepted_at)
  WHERE state IN ('judged','queued','stored') AND due_at = 0;
CREATE INDEX photos_waiting ON photos (due_at)
  WHERE state IN ('judged','queued','stored') AND due_at > 0;
CREATE INDEX photos_seen_again ON photos (due_at) WHERE seen_again = 1;
CREATE TRIGGER seen_again_sighting AFTER INSERT ON sightings BEGIN
  UPDATE photos SET seen_again = 1
    WHERE sha256 = new.sha256 AND state IN ('verified','evicted');
END;
CREATE TRIGGER seen_again_state AFTER UPDATE OF state ON photos BEGIN
  UPDATE photos SET seen_again = new.state IN ('verified','evicted') AND EXISTS (
      SELECT 1 FROM sightings
      WHERE sha256 = new.sha256 AND registered_at IS NULL AND refused IS NULL)
    WHERE sha256 = new.sha256;
END;
CREATE TRIGGER seen_again_settled AFTER UPDATE OF registered_at, refused ON sightings BEGIN
  UPDATE photos SET seen_again = state IN ('verified','evicted') AND EXISTS (
      SELECT 1 FROM sightings
      WHERE sha256 = new.sha256 AND registered_at IS NULL AND refused IS NULL)
    WHERE sha256 = new.sha256;
END;
`,
  // Photos that may go once they were kept long enough (janitor.ts).
  `
CREATE INDEX photos_reconciled ON photos (verified_at)
  WHERE state = 'verified' AND reconciled_at IS NOT NULL;
`,
  // Photos whose copy in the local store can mend them (scrub.ts), and near-duplicates' candidates.
  `
CREATE INDEX photos_hurt ON photos (last_error)
  WHERE last_error IN ('BYTES_CHANGED','BYTES_MISSING') AND buffered_at IS NOT NULL;
CREATE INDEX photos_camera ON photos (camera, accepted_at) WHERE phash IS NOT NULL;
`,
  // What people should look at (photos/page-photos.ts asks by the same words), found among many.
  `
CREATE INDEX photos_rejected ON photos (accepted_at, sha256)
WHERE (quarantine IS NOT NULL OR parked IS NOT NULL OR json_extract(verdict, '$.result') <> 'good');
`,
  // Every accept asks how much phones have begun to send (uploads/upload-rows.ts).
  'CREATE INDEX uploads_open ON uploads (device, size_bytes) WHERE sha256 IS NULL;',
  // Photos of which the centre is to be told that they stay here (policy/), and what policies did.
  `
CREATE INDEX photos_untold ON photos (accepted_at)
  WHERE state IN ('rejected_kept','resolved') AND stood_in_at IS NULL;
CREATE INDEX policy_actions_counts ON policy_actions (action, policy, verdict);
`,
  // Photos that have been tried: after an outage they are as good as new (forward/backlog.ts).
  'CREATE INDEX photos_tried ON photos (attempts) WHERE attempts > 0 AND parked IS NULL;',
  // A start compares the ids of all sightings, without a look at their rows.
  `
DROP INDEX sightings_photo;
CREATE INDEX sightings_photo ON sightings (sha256, id);
`,
  // Photos that left this box long ago are forgotten (forget.ts): which days lack some of them, and
  // what policies did with them.
  `
CREATE INDEX photos_gone ON photos (coalesce(evicted_at, resolved_at))
  WHERE state IN ('evicted','resolved');
CREATE TABLE forgotten_days (day TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE policy_totals (
  action TEXT NOT NULL,
  policy TEXT NOT NULL,
  verdict TEXT NOT NULL,
  photos INTEGER NOT NULL,
  PRIMARY KEY (action, policy, verdict)
) STRICT, WITHOUT ROWID;
`,
];

/**
 * Brings an open journal to this program's version, each missing step in a transaction of its own.
 * Throws SCHEMA_UNKNOWN for a journal of a newer program, which is left as it is. `upTo` is for
 * tests, which make journals of earlier versions.
 */
export function bringUpToDate(db: Database, upTo = STEPS.length): void {
  const row = db.query('PRAGMA user_version').get() as { user_version: number };
  const version = row.user_version;
  if (version > STEPS.length) {
    throw new AppError('SCHEMA_UNKNOWN', `The edge's journal has version ${version}.`, {
      hint: 'Start the version of the edge that wrote it, or a newer one.',
    });
  }
  for (let step = version + 1; step <= upTo; step++) {
    db.transaction(() => {
      db.run(STEPS[step - 1] as string);
      db.run(`PRAGMA user_version = ${step}`);
    }).immediate();
  }
}
