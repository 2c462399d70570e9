import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { withFolder } from '../_testing.ts';
import { Journal } from './journal.ts';
import { bringUpToDate } from './journal-schema.ts';

const SHA = 'ab'.repeat(32);

function schemaOf(path: string): unknown[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.query('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all();
  } finally {
    db.close();
  }
}

test('a journal of version 1 is brought up to date and keeps its photos', () =>
  withFolder(async (folder) => {
    const old = join(folder, 'old.sqlite');
    const db = new Database(old, { create: true });
    bringUpToDate(db, 1);
    db.run(
      `INSERT INTO photos (sha256, size_bytes, media_type, width, height, state, camera,
         correlation_id, accepted_at, receipt)
       VALUES (?, 7, 'image/jpeg', 4, 3, 'verified', 'c', 'x', 1, 'r')`,
      [SHA],
    );
    db.run(
      `INSERT INTO sightings (id, sha256, camera, accepted_at, captured_at_source, sighting)
       VALUES ('01', ?, 'c', 1, 'none', '{}')`,
      [SHA],
    );
    db.close();

    Journal.open(old).close();
    const journal = Journal.open(old);
    expect(journal.photo(SHA)).toMatchObject({ state: 'verified', receipt: 'r', size_bytes: 7 });
    expect(journal.sightings(SHA)).toHaveLength(1);
    journal.close();

    const fresh = join(folder, 'new.sqlite');
    Journal.open(fresh).close();
    expect(schemaOf(old)).toEqual(schemaOf(fresh));
  }));
