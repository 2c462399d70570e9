import { expect, test } from 'bun:test';
import { withPlace } from './_with-spool.ts';

/**
 * What is asked for each photo or in each round must not grow with the photos that are held: an
 * index answers it, in its order, without a sort.
 */
const HOT: readonly (readonly [string, string])[] = [
  ['the judge', "SELECT * FROM photos WHERE state IN ('spooled') ORDER BY accepted_at LIMIT 1"],
  [
    'near-duplicates',
    `SELECT sha256, phash, exif, accepted_at FROM photos
     WHERE camera = 'c' AND phash IS NOT NULL AND sha256 <> 'x' ORDER BY accepted_at DESC LIMIT 200`,
  ],
  [
    'copies for the local store',
    `SELECT * FROM photos WHERE in_spool = 1 AND buffered_at IS NULL AND state <> 'evicted'
     ORDER BY accepted_at LIMIT 100`,
  ],
  [
    'spool files that may go',
    "SELECT * FROM photos WHERE state = 'verified' AND in_spool = 1 AND buffered_at < 5 LIMIT 500",
  ],
  [
    'the scrub',
    `SELECT * FROM photos INDEXED BY photos_to_check WHERE in_spool = 1
     ORDER BY checked_at LIMIT 1`,
  ],
  ['a folder of the spool', "SELECT sha256 FROM photos WHERE sha256 >= 'aa' AND sha256 < 'aag'"],
  ['its sightings', "SELECT id FROM sightings WHERE sha256 >= 'aa' AND sha256 < 'aag'"],
  ['bytes of open uploads', 'SELECT sum(size_bytes) FROM uploads WHERE sha256 IS NULL'],
  ['open uploads of a phone', "SELECT count(*) FROM uploads WHERE device = 'd' AND sha256 IS NULL"],
  [
    'photos that stay here, of which the centre is told',
    `SELECT * FROM photos INDEXED BY photos_untold
       WHERE state IN ('rejected_kept','resolved') AND stood_in_at IS NULL
       AND due_at <= 5 ORDER BY accepted_at DESC LIMIT 1`,
  ],
  [
    'photos that left long ago',
    `SELECT sha256 FROM photos INDEXED BY photos_gone
     WHERE state IN ('evicted','resolved') AND coalesce(evicted_at, resolved_at) < 5
       AND NOT EXISTS (SELECT 1 FROM sightings AS own WHERE own.sha256 = photos.sha256
         AND own.accepted_at = (SELECT max(accepted_at) FROM sightings WHERE camera = own.camera))
     ORDER BY coalesce(evicted_at, resolved_at) LIMIT 100`,
  ],
  [
    'a page of all photos',
    `SELECT * FROM photos WHERE ?1 IS NULL AND (accepted_at, sha256) < (?2, ?3)
     ORDER BY accepted_at DESC, sha256 DESC LIMIT 100`,
  ],
  ['bytes held', 'SELECT sum(held_bytes) FROM tallies'],
];

test('what is asked all the time is answered by an index, in its order', () =>
  withPlace(async ({ journal }) => {
    for (const [who, sql] of HOT) {
      const steps = journal
        .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .map(({ detail }) => detail);
      const slow = steps.filter((step) =>
        /^SCAN (photos|sightings|uploads)\b(?! USING)|TEMP/.test(step),
      );
      expect({ who, slow }).toEqual({ who, slow: [] });
    }
  }));
