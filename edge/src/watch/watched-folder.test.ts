import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import {
  appendFile,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { getPhoto, testPhoto, until, withEdge, withFolder } from '../_testing.ts';
import type { Journal } from '../buffer/journal.ts';
import type { Camera } from '../cameras.ts';
import { BENCH, watching } from './_watching.ts';
import { isTemporary, toPlainName } from './file-names.ts';
import { toFileTime } from './file-time.ts';
import { chooseMoved, type MovedRule } from './moved-files.ts';
import { SETTLED_MS, Settling } from './settling.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const listed = (folder: string) => readdir(folder).catch(() => [] as string[]);

/** Rounds after which a file that does not change has been taken. */
const TAKEN = 3;

const photosOf = (journal: Journal) =>
  journal.all<{ camera: string; sha256: string }>(
    'SELECT camera, sha256 FROM sightings ORDER BY id',
  );

describe('a watched folder', () => {
  test('of an edge accepts settled photos and moves them, whatever they are called', () =>
    withFolder(async (folder) => {
      const inbox = join(folder, 'inbox');
      await mkdir(inbox);
      const env = { DEMETER_EDGE_DATA: join(folder, 'data'), DEMETER_EDGE_WATCH: `bench=${inbox}` };
      await withEdge(env, async ({ url }) => {
        const { bytes, sha256 } = await testPhoto(1, 320, 240);
        await writeFile(join(inbox, 'leaf.dat'), bytes);
        const accepted = join(inbox, '.accepted');
        await until(async () => (await listed(accepted)).includes('leaf.dat'), 55_000);
        const photo = await getPhoto(url, sha256);
        expect(photo.sightings).toMatchObject([
          { camera: 'bench', file_name: 'leaf.dat', captured_at_source: 'file' },
        ]);
        expect((await readFile(join(accepted, 'leaf.dat'))).equals(bytes)).toBe(true);
      });
    }));

  test('replaces nothing that was accepted before, however many have one name', () =>
    watching(async ({ inbox, journal, rounds }) => {
      const accepted = join(inbox, '.accepted');
      await mkdir(accepted);
      for (const name of [
        'leaf.jpg',
        ...Array.from({ length: 9 }, (_, n) => `leaf-${n + 1}.jpg`),
      ]) {
        await writeFile(join(accepted, name), name);
      }
      await rm(join(accepted, 'leaf-4.jpg'));
      for (const seed of [1, 2, 3]) {
        await writeFile(join(inbox, 'leaf.jpg'), (await testPhoto(seed, 320, 240)).bytes);
        await rounds(TAKEN);
      }
      expect(photosOf(journal)).toHaveLength(3);
      const names = await listed(accepted);
      expect(names).toHaveLength(12);
      expect(names).toContain('leaf-4.jpg');
      expect(await readFile(join(accepted, 'leaf.jpg'), 'utf8')).toBe('leaf.jpg');
    }));

  test('waits for a file that is still being written', () =>
    watching(async ({ inbox, journal, refused, rounds }) => {
      const { bytes, sha256 } = await testPhoto(1);
      const path = join(inbox, 'slow.jpg');
      const part = Math.ceil(bytes.length / 6);
      for (let at = 0; at < bytes.length; at += part) {
        await appendFile(path, bytes.subarray(at, at + part));
        await rounds(1);
        expect(photosOf(journal)).toEqual([]);
      }
      await rounds(TAKEN);
      expect(photosOf(journal)).toEqual([{ camera: 'bench', sha256 }]);
      expect(refused).toEqual([]);
    }));

  test('takes a file back whose writer had only paused, after it was refused', () =>
    watching(async ({ inbox, journal, refused, rounds }) => {
      const { bytes, sha256 } = await testPhoto(1);
      const writer = await open(join(inbox, 'slow.jpg'), 'a');
      await writer.write(bytes.subarray(0, 9000));
      await rounds(TAKEN);
      expect(refused).toEqual(['TRUNCATED_PHOTO']);
      expect((await listed(join(inbox, '.refused'))).sort()).toEqual([
        'slow.jpg',
        'slow.jpg.reason.json',
      ]);
      await writer.write(bytes.subarray(9000));
      await writer.close();
      await rounds(TAKEN + 1);
      expect(photosOf(journal)).toEqual([{ camera: 'bench', sha256 }]);
      expect(await listed(join(inbox, '.refused'))).toEqual([]);
      expect(await listed(join(inbox, '.accepted'))).toEqual(['slow.jpg']);
    }));

  test('a file that cannot be moved is one sighting, not one a round', () =>
    watching(async ({ inbox, journal, refused, rounds }) => {
      const { bytes } = await testPhoto(1);
      // Nothing can be moved to where a file stands.
      await writeFile(join(inbox, '.accepted'), '');
      await writeFile(join(inbox, 'stays.jpg'), bytes);
      await rounds(TAKEN + 3);
      expect(photosOf(journal)).toHaveLength(1);
      expect(await listed(inbox)).toContain('stays.jpg');
      expect(refused).toEqual([]);
    }));

  test('a refused file that cannot be moved is moved when it can be', () =>
    watching(async ({ inbox, refused, rounds, pass }) => {
      const aside = join(inbox, '.refused');
      await writeFile(aside, '');
      await writeFile(join(inbox, 'broken.jpg'), 'no photo');
      await rounds(TAKEN + 3);
      expect(await listed(inbox)).toContain('broken.jpg');
      await rm(aside);
      pass(600_000);
      await rounds(2);
      expect(await listed(aside)).toContain('broken.jpg');
      expect(refused).toEqual(['NOT_AN_IMAGE']);
    }));

  test('refuses a broken photo with its reason, and leaves other files alone', () =>
    watching(async ({ inbox, journal, rounds }) => {
      const { bytes } = await testPhoto(1);
      await writeFile(join(inbox, 'half.jpg'), bytes.subarray(0, 9000));
      await writeFile(join(inbox, 'empty.JPG'), '');
      await writeFile(join(inbox, 'notes.txt'), 'water the cacti on Monday');
      await writeFile(join(inbox, '.hidden.jpg'), bytes);
      await mkdir(join(inbox, 'folder.jpg'));
      await rounds(TAKEN + 3);
      const refused = join(inbox, '.refused');
      expect((await listed(refused)).sort()).toEqual([
        'empty.JPG',
        'empty.JPG.reason.json',
        'half.jpg',
        'half.jpg.reason.json',
      ]);
      const reason = JSON.parse(await readFile(join(refused, 'half.jpg.reason.json'), 'utf8'));
      expect(reason).toMatchObject({ code: 'TRUNCATED_PHOTO', file: 'half.jpg' });
      expect((await listed(inbox)).sort()).toEqual([
        '.hidden.jpg',
        '.refused',
        'folder.jpg',
        'notes.txt',
      ]);
      expect(photosOf(journal)).toEqual([]);
    }));
});

describe('a folder as others leave it', () => {
  const [CAM_2, CAM_3] = ['cam-2', 'cam-3'].map((code) => ({ ...BENCH, code })) as [Camera, Camera];
  const subfolders = [
    { pattern: 'left/**', camera: CAM_3 },
    { pattern: 'cam-2/**', camera: CAM_2 },
  ];

  test('sub-folders are cameras; links, strange names and unfinished files do no harm', () =>
    watching(
      async ({ folder, inbox, journal, refused, rounds }) => {
        const outside = join(folder, 'outside');
        await mkdir(join(inbox, 'cam-2', '2026'), { recursive: true });
        await mkdir(join(inbox, 'left', 'a'), { recursive: true });
        await mkdir(outside);
        const photos = await Promise.all([1, 2, 3, 4, 5].map((seed) => testPhoto(seed, 320, 240)));
        const [own, byName, byPattern, strange, secret] = photos.map(({ bytes }) => bytes);
        await writeFile(join(inbox, 'own.jpg'), own ?? '');
        await writeFile(join(inbox, 'cam-2', '2026', 'a.jpg'), byName ?? '');
        await writeFile(join(inbox, 'left', 'a', 'b.jpg'), byPattern ?? '');
        const bad = Buffer.concat([
          Buffer.from(`${inbox}/line\nof `),
          Buffer.from([0xff, 0xfe]),
          Buffer.from(`${'x'.repeat(230)}.jpg`),
        ]);
        await writeFile(bad, strange ?? '');
        await writeFile(join(inbox, 'coming.jpg.part'), secret ?? '');
        await writeFile(join(outside, 'secret.jpg'), secret ?? '');
        await symlink(join(outside, 'secret.jpg'), join(inbox, 'link.jpg'));
        await symlink(outside, join(inbox, 'linked'));
        await rounds(TAKEN + 2);
        const cameras = photosOf(journal).map(({ camera }) => camera);
        expect(cameras.sort()).toEqual(['bench', 'bench', 'cam-2', 'cam-3']);
        expect(photosOf(journal).map(({ sha256 }) => sha256)).not.toContain(photos[4]?.sha256);
        const accepted = join(inbox, '.accepted');
        expect(await listed(accepted)).toHaveLength(4);
        expect(await listed(join(accepted, 'cam-2', '2026'))).toEqual(['a.jpg']);
        expect(refused).toEqual([]);
      },
      { subfolders },
    ));

  test('that goes away is said, and goes on when it is back', () =>
    watching(async ({ inbox, journal, watched, rounds }) => {
      await rm(inbox, { recursive: true });
      await rounds(2);
      expect(watched.trouble).toBe('ENOENT');
      await mkdir(inbox);
      const { bytes, sha256 } = await testPhoto(1, 320, 240);
      await writeFile(join(inbox, 'coming.jpg'), bytes);
      await rounds(TAKEN);
      expect(watched.trouble).toBeNull();
      expect(photosOf(journal)).toEqual([{ camera: 'bench', sha256 }]);
    }));

  test('a plain name is one line of text that fits with an ending', () => {
    expect(toPlainName(Buffer.from('Rose 1.JPG'))).toBe('Rose 1.JPG');
    expect(toPlainName(Buffer.from('a\nb/../c.jpg'))).toBe('a_b_.._c.jpg');
    expect(toPlainName(Buffer.from([0xff]))).toBe('photo');
    for (const letter of ['x', 'ö', '🌱']) {
      const long = toPlainName(Buffer.from(`${letter.repeat(255)}.heic`));
      expect(Buffer.byteLength(long)).toBeLessThanOrEqual(180);
      expect(long).toEndWith('.heic');
      expect(long).not.toContain('\uFFFD');
    }
    expect(['a.jpg.part', '~a.jpg', 'a.jpg~', 'A.TMP'].every(isTemporary)).toBe(true);
    expect(['a.jpg', 'part.jpg', 'a.part.jpg'].some(isTemporary)).toBe(false);
  });

  test('what was moved aside goes when it is old, or the oldest where there is too much', () => {
    const file = (name: string, sizeBytes: number, movedMs: number) => ({
      path: Buffer.from(name),
      sizeBytes,
      movedMs,
    });
    const files = [file('old', 1, 0), file('mid', 60, 500), file('new', 50, 900)];
    const chosen = (rule: MovedRule) =>
      chooseMoved(files, rule, 1000).map(({ path }) => path.toString());
    const gone = (keepMs: number, bytesMax: number, leastMs = 0) =>
      chosen({ keepMs, bounds: [{ bytesMax, leastMs }] });
    expect(gone(800, 200)).toEqual(['old']);
    expect(gone(2000, 100)).toEqual(['mid', 'old']);
    expect(gone(2000, 200)).toEqual([]);
    expect(gone(0, 0)).toEqual(['new', 'mid', 'old']);
    expect(gone(2000, 0, 500)).toEqual(['mid', 'old']);
    // The more there are, the less time they have.
    const bounds = [
      { bytesMax: 60, leastMs: 800 },
      { bytesMax: 110, leastMs: 400 },
    ];
    expect(chosen({ keepMs: 2000, bounds })).toEqual(['old']);
    expect(chosen({ keepMs: 2000, bounds: [...bounds, { bytesMax: 100, leastMs: 400 }] })).toEqual([
      'mid',
      'old',
    ]);
  });

  test('refused files go after a month, with their reasons, and not before', () =>
    watching(async ({ inbox, watched, refused, removed, rounds, pass }) => {
      await writeFile(join(inbox, 'broken.jpg'), 'no photo');
      await rounds(TAKEN);
      expect(refused).toHaveLength(1);
      expect(watched.refused).toEqual({ here: 1, removed: 0 });
      pass(29 * 86_400_000);
      await rounds(2);
      expect(await listed(join(inbox, '.refused'))).toHaveLength(2);
      expect(watched.refused).toEqual({ here: 1, removed: 0 });
      pass(2 * 86_400_000);
      await rounds(2);
      expect(await listed(join(inbox, '.refused'))).toEqual([]);
      expect(watched.refused).toEqual({ here: 0, removed: 1 });
      expect(removed).toEqual([1]);
    }));

  test('more than two gigabytes of refused files go after a day, and are counted', () =>
    watching(async ({ inbox, watched, removed, rounds, pass }) => {
      const aside = join(inbox, '.refused');
      await mkdir(aside);
      const file = await open(join(aside, 'huge.jpg'), 'w');
      // A hole: it takes no room on the disk.
      await file.truncate(2.1e9);
      await file.close();
      pass(23 * 3_600_000);
      await rounds(2);
      expect(await listed(aside)).toEqual(['huge.jpg']);
      expect(watched.refused).toEqual({ here: 1, removed: 0 });
      pass(2 * 3_600_000);
      await rounds(2);
      expect(await listed(aside)).toEqual([]);
      expect(watched.refused).toEqual({ here: 0, removed: 1 });
      expect(removed).toEqual([1]);
    }));

  test('a time of a file that cannot be written in four digits of a year is none', () => {
    expect(toFileTime(Date.parse('2026-05-01T08:00:00.5Z'))).toBe('2026-05-01T08:00:00.500Z');
    for (const strange of [999_999_999_999_000, 1e17, -1e15]) {
      expect(toFileTime(strange)).toBeNull();
    }
  });

  test('a clock that jumps a year ahead removes no refused file', () =>
    watching(async ({ inbox, rounds, pass, setCentre }) => {
      await writeFile(join(inbox, 'broken.jpg'), 'no photo');
      await rounds(TAKEN);
      for (const centre of [null, Date.now()]) {
        setCentre(centre);
        pass(365 * 86_400_000);
        await rounds(2);
        expect(await listed(join(inbox, '.refused'))).toHaveLength(2);
      }
    }));
});

describe('settling', () => {
  const seen = { sizeBytes: 10, modifiedMs: 5 };

  test('takes two seconds without a change', () => {
    const settling = new Settling();
    expect(settling.isSettled('a', seen, 0)).toBe(false);
    expect(settling.isSettled('a', seen, SETTLED_MS - 1)).toBe(false);
    expect(settling.isSettled('a', { ...seen, sizeBytes: 11 }, SETTLED_MS)).toBe(false);
    expect(settling.isSettled('a', { ...seen, sizeBytes: 11 }, 2 * SETTLED_MS)).toBe(true);
    expect(settling.isSettled('a', { ...seen, sizeBytes: 11 }, 2 * SETTLED_MS, true)).toBe(false);
    expect(settling.isSettled('a', { ...seen, sizeBytes: 11 }, 700_000, true)).toBe(true);
  });

  test('a file left alone is looked at again only when it changes', () => {
    const settling = new Settling();
    settling.leaveAlone('a', seen);
    expect(settling.isSettled('a', seen, 1e9)).toBe(false);
    const changed = { ...seen, modifiedMs: 6 };
    expect(settling.isSettled('a', changed, 1e9)).toBe(false);
    expect(settling.isSettled('a', changed, 1e9 + SETTLED_MS)).toBe(true);
  });

  test('a postponed file waits, a vanished one is forgotten', () => {
    const settling = new Settling();
    settling.isSettled('a', seen, 0);
    expect(settling.postpone('a', 50_000)).toBe(true);
    expect(settling.postpone('a', 50_000)).toBe(false);
    expect(settling.isSettled('a', seen, 49_999)).toBe(false);
    expect(settling.isSettled('a', seen, 50_000)).toBe(true);
    settling.keepOnly(new Set());
    expect(settling.isSettled('a', seen, 60_000)).toBe(false);
  });
});
