import { describe, expect, setDefaultTimeout, spyOn, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silent, type TestPhoto, testPhoto, toPhoto, withEdge, withFolder } from '../_testing.ts';
import { toRegistration } from '../forward/registration.ts';
import { sidecarFor } from './_with-spool.ts';
import type { Disk } from './disk.ts';
import { Journal, type PhotoRow, type SightingRow } from './journal.ts';
import { realDisk } from './real-disk.ts';
import { recover } from './recovery.ts';
import { sidecarName } from './sidecar.ts';
import { Spool } from './spool.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const ULIDS = ['01M7Y229KWF6W0YGQCKFJKZE6R', '01M7Y229NAKKQT0KY8QF0X6RJ9'] as const;

const sidecarOf = ({ bytes, sha256 }: TestPhoto, id: string) =>
  sidecarFor(sha256, bytes.length, id);

async function withSpool(
  use: (context: {
    folder: string;
    spool: Spool;
    journal: Journal;
    photo: TestPhoto;
    put: (name: string, content: Uint8Array | string) => Promise<void>;
    names: () => Promise<string[]>;
  }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const limits = { bytesMax: 1e8, pixelsMax: 1e8 };
    const spool = new Spool({ folder, limits, disk: realDisk, onStep: () => {} });
    await spool.init();
    const journal = Journal.open(join(folder, 'journal.sqlite'));
    const photo = await testPhoto(1, 300, 200);
    const place = join(folder, 'spool', photo.sha256.slice(0, 2));
    await use({
      folder,
      spool,
      journal,
      photo,
      put: (name, content) => writeFile(join(place, name), content),
      names: () => readdir(place),
    });
    journal.close();
  });
}

describe('recovery', () => {
  test('makes rows again from sidecars, each sighting once, and again changes nothing', () =>
    withSpool(async ({ spool, journal, photo, put }) => {
      await put(photo.sha256, photo.bytes);
      for (const id of ULIDS) {
        await put(sidecarName(photo.sha256, id), JSON.stringify(sidecarOf(photo, id)));
      }
      expect(await recover(spool, journal, silent)).toMatchObject({ photos: 1, sightings: 2 });
      expect(journal.photo(photo.sha256)).toMatchObject({ state: 'spooled', camera: 'cam-1' });
      expect(journal.sightings(photo.sha256).map(({ id }) => id)).toEqual([...ULIDS]);
      expect(await recover(spool, journal, silent)).toMatchObject({ photos: 0, sightings: 0 });
    }));

  test('a sidecar without its photo was never acknowledged and goes', () =>
    withSpool(async ({ spool, journal, photo, put, names }) => {
      await put(sidecarName(photo.sha256, ULIDS[0]), JSON.stringify(sidecarOf(photo, ULIDS[0])));
      await recover(spool, journal, silent);
      expect(journal.photo(photo.sha256)).toBeNull();
      expect(await names()).toEqual([]);
    }));

  test('a sidecar of a photo that was known stays without a journal too: the centre is asked', () =>
    withSpool(async ({ spool, journal, photo, put, names }) => {
      const sidecar = { ...sidecarOf(photo, ULIDS[1]), held: true };
      await put(sidecarName(photo.sha256, ULIDS[1]), JSON.stringify(sidecar));
      for (const again of [1, 0]) {
        expect(await recover(spool, journal, silent)).toMatchObject({ sightings: again, lost: 0 });
      }
      expect(journal.photo(photo.sha256)).toMatchObject({ state: 'queued', in_spool: 0 });
      expect(journal.sightings(photo.sha256)).toMatchObject([{ registered_at: null }]);
      expect(await names()).toHaveLength(1);
    }));

  test('bytes that are others than their name are put aside, not believed and not deleted', () =>
    withSpool(async ({ folder, spool, journal, photo, put }) => {
      await put(photo.sha256, Buffer.from('rotten'));
      await put(sidecarName(photo.sha256, ULIDS[0]), JSON.stringify(sidecarOf(photo, ULIDS[0])));
      expect(await recover(spool, journal, silent)).toMatchObject({ broken: 1, photos: 0 });
      expect(journal.photo(photo.sha256)).toBeNull();
      const [aside] = await readdir(join(folder, 'broken'));
      expect(aside).toStartWith(photo.sha256);
    }));

  test('without a journal it hashes some, compares the sizes of the rest and leaves them to the scrub', () =>
    withSpool(async ({ folder, spool, journal }) => {
      for (let n = 0; n < 203; n++) {
        const bytes = Buffer.from(`photo ${n}`);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        const id = ULIDS[0].slice(0, 23) + String(100 + n);
        const said = sidecarFor(sha256, bytes.length, id, 5_000);
        await writeFile(spool.pathOf(sha256), bytes);
        const name = sidecarName(sha256, said.sighting.id);
        await writeFile(join(folder, 'spool', sha256.slice(0, 2), name), JSON.stringify(said));
      }
      expect(await recover(spool, journal, silent)).toMatchObject({ photos: 203, hashed: 200 });
      expect(journal.all('SELECT 1 FROM photos WHERE checked_at = 0')).toHaveLength(3);
    }));

  test('a photo whose notes the disk has spoilt is noted anew from its bytes, and once', () =>
    withSpool(async ({ folder, spool, journal, photo, put, names }) => {
      const broken = sidecarOf(photo, ULIDS[0]);
      const sighting = { ...broken.sighting, accepted_at: 'z026-01-01' };
      const other = { ...sidecarOf(photo, ULIDS[1]).photo, sha256: '0'.repeat(64) };
      await put(photo.sha256, photo.bytes);
      const writtenAt = new Date('2026-05-01T10:20:30Z');
      await utimes(spool.pathOf(photo.sha256), writtenAt, writtenAt);
      await put(sidecarName(photo.sha256, ULIDS[0]), JSON.stringify({ ...broken, sighting }));
      await put(sidecarName(photo.sha256, ULIDS[1]), JSON.stringify({ ...broken, photo: other }));
      const found = await recover(spool, journal, silent);
      expect(found).toMatchObject({ photos: 1, sightings: 1, renoted: 1, broken: 0 });
      const row = journal.photo(photo.sha256) as PhotoRow;
      expect(row).toMatchObject({ state: 'spooled', camera: 'unknown', width: 300, height: 200 });
      const [said] = journal.sightings(photo.sha256);
      // What an older centre takes, too: a source and a start that it knows, or none.
      expect(toRegistration(row, said as SightingRow)).toMatchObject({
        media_type: 'image/jpeg',
        place: null,
        sighting: {
          camera: 'unknown',
          boot_id: '',
          captured_at_source: 'none',
          accepted_at: '2026-05-01T10:20:30.000Z',
          recovered: true,
        },
      });
      // Also for a journal that is lost afterwards.
      expect(await names()).toHaveLength(4);
      const again = Journal.open(join(folder, 'again.sqlite'));
      expect(await recover(spool, again, silent)).toMatchObject({ photos: 1, renoted: 0 });
      again.close();
    }));

  test('the camera of a photo that came again after its eviction is that of its row', () =>
    withSpool(async ({ spool, journal, photo, put }) => {
      journal.addPhoto(sidecarOf(photo, ULIDS[0]));
      journal.update(photo.sha256, { state: 'evicted', receipt: 'r', in_spool: 0 });
      await put(photo.sha256, photo.bytes);
      await put(sidecarName(photo.sha256, ULIDS[1]), 'torn');
      expect(await recover(spool, journal, silent)).toMatchObject({ renoted: 1 });
      expect(journal.photo(photo.sha256)).toMatchObject({ state: 'spooled', in_spool: 1 });
      expect(journal.sightings(photo.sha256)).toMatchObject([{ camera: 'cam-1' }]);
    }));

  test('a file or a sidecar that the disk has spoilt keeps no start from its end', () =>
    withSpool(async ({ folder, spool, journal, photo, put }) => {
      const broken = sidecarOf(photo, ULIDS[0]);
      await put(photo.sha256, Buffer.from('rotten'));
      await put(sidecarName(photo.sha256, ULIDS[0]), 'torn');
      expect(await recover(spool, journal, silent)).toMatchObject({ broken: 1, photos: 0 });
      expect((await readdir(join(folder, 'broken')))[0]).toStartWith(photo.sha256);
      // Known, and a sector of it cannot be read.
      await put(photo.sha256, photo.bytes);
      journal.addPhoto(broken);
      const failing = new Spool({
        folder,
        limits: { bytesMax: 1e8, pixelsMax: 1e8 },
        onStep: () => {},
        disk: {
          ...realDisk,
          read: (path) => {
            if (!path.endsWith(photo.sha256)) return realDisk.read(path);
            throw Object.assign(new Error('EIO'), { code: 'EIO' });
          },
        },
      });
      expect(await recover(failing, journal, silent)).toMatchObject({ broken: 1, lost: 0 });
      expect(journal.photo(photo.sha256)).toMatchObject({ parked: 'BYTES_CHANGED', in_spool: 1 });
    }));

  test('an inode or a folder that is damaged, and what cannot be removed, keep no start from its end', () =>
    withSpool(async ({ folder, spool, journal }) => {
      const texts = ['known', 'unknown', 'in a damaged folder', 'sound'];
      const photos = texts.map((text) => toPhoto(Buffer.from(text)));
      const [known, unknown, hidden, sound] = photos.map((one) => one.sha256) as [
        ...[string, string, string, string],
      ];
      for (const [n, one] of photos.entries()) {
        const said = sidecarOf(one, ULIDS[0].slice(0, 25) + String(n));
        if (one.sha256 === known || one.sha256 === hidden) journal.addPhoto(said);
        const beside = join(spool.pathOf(one.sha256), '..');
        await writeFile(spool.pathOf(one.sha256), one.bytes);
        const name = sidecarName(one.sha256, said.sighting.id);
        await writeFile(join(beside, name), JSON.stringify(said));
      }
      await writeFile(join(folder, 'tmp', 'stuck'), '');
      await writeFile(join(folder, 'tmp', 'left'), '');
      const inodes = ['EUCLEAN', [known, unknown]] as const;
      const damaged: Readonly<Record<string, readonly [string, readonly string[]]>> = {
        ...{ sizeOf: inodes, read: inodes, rename: inodes },
        ...{ list: ['EIO', [`/${hidden.slice(0, 2)}`]], remove: ['EIO', ['stuck']] },
      };
      const disk = new Proxy(realDisk, {
        get: (real, name: keyof Disk) => {
          const act = real[name] as (path: string, ...more: unknown[]) => unknown;
          const [code, ends] = damaged[name] ?? ['', []];
          const failure = Object.assign(new Error(code), { code });
          return (path: string, ...more: unknown[]) => {
            if (!ends.some((end) => path.endsWith(end))) return act(path, ...more);
            if (name === 'read') throw failure;
            return Promise.reject(failure);
          };
        },
      });
      const limits = { bytesMax: 1e8, pixelsMax: 1e8 };
      const failing = new Spool({ folder, limits, disk, onStep: () => {} });
      const found = await recover(failing, journal, silent);
      expect(found).toMatchObject({ reaped: 1, broken: 3, lost: 0, photos: 1 });
      expect(journal.photo(known)).toMatchObject({ parked: 'BYTES_CHANGED', in_spool: 1 });
      expect(journal.photo(unknown)).toBeNull();
      expect(journal.photo(hidden)).toMatchObject({ state: 'spooled', in_spool: 1, parked: null });
      expect(journal.photo(sound)).toMatchObject({ state: 'spooled', parked: null });
    }));

  test('an accepted photo whose bytes are gone is said to be lost; a verified one is not', () =>
    withSpool(async ({ spool, journal, photo }) => {
      journal.addPhoto(sidecarOf(photo, ULIDS[0]));
      expect(await recover(spool, journal, silent)).toMatchObject({ lost: 1 });
      expect(journal.photo(photo.sha256)).toMatchObject({ parked: 'BYTES_MISSING', in_spool: 0 });
      journal.addPhoto(sidecarOf(photo, ULIDS[0]));
      journal.update(photo.sha256, { state: 'verified', receipt: 'r', verified_at: 1 });
      expect(await recover(spool, journal, silent)).toMatchObject({ lost: 0 });
    }));

  test('a lost spool costs no flush for each of its photos: the next start finds the same', () =>
    withSpool(async ({ spool, journal }) => {
      const photos = Array.from({ length: 20 }, (_, n) => n.toString(16).padStart(64, '0'));
      photos.forEach((sha256, n) => {
        journal.addPhoto(sidecarFor(sha256, 10, ULIDS[0].slice(0, 24) + String(10 + n)));
      });
      const update = journal.update.bind(journal);
      const asked: unknown[] = [];
      const spy = spyOn(journal, 'update').mockImplementation((...change) => {
        asked.push(...journal.all('PRAGMA synchronous'));
        update(...change);
      });
      expect(await recover(spool, journal, silent)).toMatchObject({ lost: photos.length });
      spy.mockRestore();
      const normal = { synchronous: 1 };
      expect(asked).toEqual(asked.map(() => normal));
      expect(asked.length).toBeGreaterThanOrEqual(photos.length);
      expect(journal.all('PRAGMA synchronous')).toEqual([{ synchronous: 2 }]);
    }));

  test('finishes an eviction that was cut short, and asks again for an upload under way', () =>
    withSpool(async ({ spool, journal, photo, put, names }) => {
      const sidecar = sidecarOf(photo, ULIDS[0]);
      journal.addPhoto(sidecar);
      journal.addSighting(photo.sha256, sidecar.sighting);
      await put(photo.sha256, photo.bytes);
      await put(sidecarName(photo.sha256, ULIDS[0]), JSON.stringify(sidecar));
      journal.update(photo.sha256, { state: 'uploading' });
      await recover(spool, journal, silent);
      expect(journal.photo(photo.sha256)?.state).toBe('queued');
      journal.update(photo.sha256, { state: 'evicted', receipt: 'r', in_spool: 0 });
      await recover(spool, journal, silent);
      expect(await names()).toEqual([]);
    }));

  test('the journal itself refuses VERIFIED without a receipt', () =>
    withSpool(async ({ journal, photo }) => {
      journal.addPhoto(sidecarOf(photo, ULIDS[0]));
      expect(() => journal.update(photo.sha256, { state: 'verified' })).toThrow();
      expect(() => journal.update(photo.sha256, { state: 'evicted' })).toThrow();
    }));
});

test('a journal of a newer version is left alone, and the edge does not start', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'journal.sqlite');
    const journal = Journal.open(path);
    journal.run('PRAGMA user_version = 99');
    journal.close();
    const before = await readFile(path);
    const edge = withEdge({ DEMETER_EDGE_DATA: folder }, async () => {});
    expect(await edge.catch((error: unknown) => error)).toMatchObject({ code: 'SCHEMA_UNKNOWN' });
    expect((await readdir(folder)).filter((name) => name.includes('broken'))).toEqual([]);
    expect((await readFile(path)).equals(before)).toBe(true);
  }));
