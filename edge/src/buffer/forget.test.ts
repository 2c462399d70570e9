import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { sidecarFor } from './_with-spool.ts';
import { forgetGone, isForgottenDay } from './forget.ts';
import { Journal, type PhotoRow } from './journal.ts';
import { notePolicyAction, policyCounts } from './kept.ts';

const DAY_MS = 86_400_000;

function open(): Journal {
  return Journal.over(new Database(':memory:', { strict: true }));
}

/** A photo with one settled sighting, accepted at the beginning of a day since 1970. */
function add(journal: Journal, n: number, day: number, changes: Partial<PhotoRow>): string {
  const sha256 = n.toString(16).padStart(64, '0');
  const sidecar = sidecarFor(sha256, 10, n.toString().padStart(26, '0'), day * DAY_MS);
  journal.addPhoto(sidecar);
  journal.addSighting(sha256, sidecar.sighting);
  journal.settleSighting(sidecar.sighting.id, 1, null);
  if (Object.keys(changes).length > 0) journal.update(sha256, changes);
  return sha256;
}

const evicted = (day: number) =>
  ({ state: 'evicted', receipt: 'r', in_spool: 0, evicted_at: day * DAY_MS }) as const;
const resolved = { state: 'resolved', in_spool: 0, resolved_at: 2 * DAY_MS } as const;
const rule = { before: 10 * DAY_MS, centreMustKnow: true };

test('the journal forgets what left long ago and is settled, and nothing else', () => {
  const journal = open();
  const gone = [
    add(journal, 1, 1, evicted(2)),
    add(journal, 2, 2, { ...resolved, stood_in_at: 1 }),
    add(journal, 3, 8, evicted(9)),
  ];
  journal.run('INSERT INTO counts (sha256, offered_at) VALUES (?, 1)', gone[0] as string);
  const kept = [
    add(journal, 4, 1, evicted(11)),
    add(journal, 5, 1, { state: 'verified', receipt: 'r', verified_at: 1 }),
    // The centre is still to be told.
    add(journal, 6, 1, resolved),
    add(journal, 7, 1, evicted(2)),
    // The last of its camera.
    add(journal, 8, 12, evicted(2)),
  ];
  journal.run('UPDATE sightings SET registered_at = NULL WHERE sha256 = ?', kept[3] as string);
  expect(forgetGone(journal, rule)).toBe(3);
  expect(journal.all('SELECT sha256 FROM photos ORDER BY 1')).toEqual(
    kept.map((sha256) => ({ sha256 })),
  );
  expect(journal.all('SELECT id FROM sightings')).toHaveLength(kept.length);
  expect(journal.all('SELECT 1 FROM counts')).toEqual([]);
  expect(forgetGone(journal, rule)).toBe(0);
  expect(forgetGone(journal, { ...rule, centreMustKnow: false })).toBe(1);
  const days = ['1970-01-02', '1970-01-03', '1970-01-09', '1970-01-13'];
  expect(days.map((day) => isForgottenDay(journal, day))).toEqual([true, true, true, false]);
  journal.close();
});

test('what policies did stays counted, and the sums of what is held stay right', () => {
  const journal = open();
  const policy = JSON.stringify({ name: 'blurred', forward: 'hold' });
  for (let n = 1; n <= 3; n++) {
    const sha256 = add(journal, n, n, { ...resolved, stood_in_at: 1, policy });
    for (const action of ['kept', 'resolved'] as const) {
      notePolicyAction(journal, { sha256, policy }, { action, actor: 'policy', at: 1 });
    }
  }
  add(journal, 9, 20, { state: 'queued' });
  const counted = policyCounts(journal);
  expect(counted.map(({ photos }) => photos)).toEqual([3, 3]);
  expect(forgetGone(journal, rule)).toBe(3);
  expect(policyCounts(journal)).toEqual(counted);
  expect(journal.all('SELECT state, photos FROM tallies WHERE photos > 0')).toEqual([
    { state: 'queued', photos: 1 },
  ]);
  expect(journal.heldBytes()).toBe(10);
  // Sent again, it is a photo like any other.
  add(journal, 1, 21, {});
  expect(journal.photo('1'.padStart(64, '0'))).toMatchObject({ state: 'spooled', policy: null });
  journal.close();
});

test('of many only some are forgotten at once, those first that left first', () => {
  const journal = open();
  journal.transaction(() => {
    for (let n = 0; n < 150; n++) add(journal, n, 3, { ...evicted(4), evicted_at: 1_000 - n });
    add(journal, 999, 30, { state: 'queued' });
  });
  expect(forgetGone(journal, rule)).toBe(100);
  const left = journal.all<{ at: number }>(
    "SELECT max(evicted_at) AS at FROM photos WHERE state = 'evicted'",
  );
  expect(left).toEqual([{ at: 1_000 }]);
  expect(forgetGone(journal, rule)).toBe(50);
  journal.close();
});
