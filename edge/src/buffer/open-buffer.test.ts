import { Database } from 'bun:sqlite';
import { expect, setDefaultTimeout, test } from 'bun:test';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silent, toPhoto } from '../_testing.ts';
import { hold, type Place, withPlace } from './_with-spool.ts';
import { realIds } from './ids.ts';
import { JournalDamaged } from './journal.ts';
import { openBuffer } from './open-buffer.ts';
import { realDisk } from './real-disk.ts';
import { recover } from './recovery.ts';

// Processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const PHOTO = toPhoto(Buffer.from('the bytes of a photo'));
const { sha256, bytes } = PHOTO;
const ID = '01J00000000000000000000000';

/** A photo in the spool of which the journal says that it has left the box. */
async function holdGone(place: Place): Promise<void> {
  await hold(place, PHOTO, ID);
  place.journal.update(sha256, { state: 'evicted', receipt: 'r', in_spool: 0 });
}

/** Makes the journal too large to be checked at once. */
function load({ journal }: Place): void {
  journal.run('CREATE TABLE ballast (bytes BLOB)');
  journal.run('INSERT INTO ballast VALUES (zeroblob(17 * 1024 * 1024))');
}

const openAgain = ({ folder }: Place) =>
  openBuffer({
    ...{ folder, disk: realDisk, ids: realIds(), log: silent, onStep: () => {} },
    limits: { bytesMax: 1e8, pixelsMax: 1e8 },
  });

test('a large journal is checked by a process of its own, and believed when it is whole', () =>
  withPlace(async (place) => {
    await holdGone(place);
    load(place);
    const { journal, lock, recovered } = await openAgain(place);
    expect(recovered).toMatchObject({ rebuilt: false, photos: 0 });
    expect(await Bun.file(place.spool.pathOf(sha256)).exists()).toBe(false);
    journal.closeReader();
    lock.release();
  }));

test('a large journal that is damaged removes no photo, and is made again from the spool', () =>
  withPlace(async (place) => {
    await holdGone(place);
    load(place);
    new Database(join(place.folder, 'journal.sqlite')).run('PRAGMA wal_checkpoint(TRUNCATE)');
    const file = await open(join(place.folder, 'journal.sqlite'), 'r+');
    await file.write(Buffer.alloc(64 * 1024, 0xee), 0, 64 * 1024, 8 * 1024 * 1024);
    await file.close();
    const { journal, lock, recovered } = await openAgain(place);
    expect(recovered).toMatchObject({ rebuilt: true, photos: 1, sightings: 1 });
    expect(journal.photo(sha256)).toMatchObject({ state: 'spooled', in_spool: 1 });
    expect((await readFile(place.spool.pathOf(sha256))).equals(bytes)).toBe(true);
    const names = await readdir(place.folder);
    expect(names.filter((name) => /^journal\.sqlite\.broken-\d+$/.test(name))).toHaveLength(1);
    journal.closeReader();
    lock.release();
  }));

test('nothing is done by a journal before it is known to be sound', () =>
  withPlace(async (place) => {
    await holdGone(place);
    const { spool, journal } = place;
    const sound = Promise.reject(new JournalDamaged('damaged'));
    sound.catch(() => {});
    const recovering = recover(spool, journal, silent, { sound });
    expect(await recovering.catch((error: unknown) => error)).toBeInstanceOf(JournalDamaged);
    expect(await Bun.file(spool.pathOf(sha256)).exists()).toBe(true);
  }));
