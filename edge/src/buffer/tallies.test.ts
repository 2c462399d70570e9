import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { withFolder } from '../_testing.ts';
import { sidecarFor } from './_with-spool.ts';
import { Journal } from './journal.ts';

const sidecarOf = (sha256: string, sizeBytes: number) =>
  sidecarFor(sha256, sizeBytes, sha256.slice(0, 26));

test('the sums that are kept are those that counting gives, whatever happened to the rows', () =>
  withFolder(async (folder) => {
    const journal = Journal.open(join(folder, 'journal.sqlite'));
    const kept = () =>
      journal.all('SELECT * FROM tallies WHERE photos > 0 ORDER BY state') as unknown[];
    const counted = () =>
      journal.all(
        `SELECT state, count(*) AS photos,
           sum(size_bytes * (in_spool + (buffered_at IS NOT NULL))) AS held_bytes,
           sum(size_bytes * in_spool) AS spool_bytes
         FROM photos GROUP BY state ORDER BY state`,
      ) as unknown[];
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
    const steps = [
      () => journal.addPhoto(sidecarOf(a, 10)),
      () => journal.addPhoto(sidecarOf(b, 7)),
      () => journal.update(a, { state: 'judged' }),
      () => journal.update(a, { buffered_at: 5 }),
      () => journal.update(a, { state: 'verified', receipt: 'r' }),
      () => journal.update(a, { in_spool: 0 }),
      () => journal.update(a, { state: 'evicted', buffered_at: null }),
      () => journal.addPhoto(sidecarOf(a, 10)),
      () => journal.run('DELETE FROM photos WHERE sha256 = ?', b),
    ];
    for (const step of steps) {
      step();
      expect(kept()).toEqual(counted());
    }
    expect(journal.heldBytes()).toBe(10);
    journal.close();
  }));
