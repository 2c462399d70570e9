import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { getPhoto, testPhoto, until, withEdge, withFolder } from '../_testing.ts';
import { chooseAccepted } from './accepted-files.ts';
import { isTemporary, toPlainName } from './file-names.ts';
import { SETTLED_MS, Settling } from './settling.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const watching = (use: (url: string, inbox: string) => Promise<void>) =>
  withFolder(async (folder) => {
    const inbox = join(folder, 'inbox');
    await mkdir(inbox);
    const env = { DEMETER_EDGE_DATA: join(folder, 'data'), DEMETER_EDGE_WATCH: `bench=${inbox}` };
    await withEdge(env, ({ url }) => use(url, inbox));
  });

/** Within what a busy machine takes. */
const soon = <T>(done: () => T | Promise<T>) => until(done, 55_000);

const listed = (folder: string) => readdir(folder).catch(() => [] as string[]);

describe('a watched folder', () => {
  test('accepts settled photos and moves them, whatever they are called', () =>
    watching(async (url, inbox) => {
      const { bytes, sha256 } = await testPhoto(1);
      await writeFile(join(inbox, 'leaf.dat'), bytes);
      await soon(async () => (await listed(join(inbox, '.accepted'))).includes('leaf.dat'));
      const photo = await getPhoto(url, sha256);
      expect(photo.sightings).toMatchObject([
        { camera: 'bench', file_name: 'leaf.dat', captured_at_source: 'file' },
      ]);
      expect((await readFile(join(inbox, '.accepted', 'leaf.dat'))).equals(bytes)).toBe(true);
      // The same name again does not replace what was accepted before.
      const other = await testPhoto(2);
      await writeFile(join(inbox, 'leaf.dat'), other.bytes);
      await soon(async () => (await listed(join(inbox, '.accepted'))).includes('leaf-1.dat'));
    }));

  test('waits for a file that is still being written', () =>
    watching(async (url, inbox) => {
      const { bytes, sha256 } = await testPhoto(1);
      const path = join(inbox, 'slow.jpg');
      const part = Math.ceil(bytes.length / 6);
      for (let at = 0; at < bytes.length; at += part) {
        await appendFile(path, bytes.subarray(at, at + part));
        await Bun.sleep(700);
        expect(await listed(join(inbox, '.refused'))).toEqual([]);
      }
      await soon(async () => (await getPhoto(url, sha256)).photo_id === sha256);
    }));

  test('a file that cannot be moved is one sighting, not one a round', () =>
    watching(async (url, inbox) => {
      const { bytes, sha256 } = await testPhoto(1);
      // Nothing can be moved to where a file stands.
      await writeFile(join(inbox, '.accepted'), '');
      await writeFile(join(inbox, 'stays.jpg'), bytes);
      await soon(async () => (await getPhoto(url, sha256)).photo_id === sha256);
      await Bun.sleep(2_500);
      expect((await getPhoto(url, sha256)).sightings).toHaveLength(1);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).not.toContain('demeter_edge_refused_total{');
    }));

  test('refuses a broken photo with its reason, and leaves other files alone', () =>
    watching(async (url, inbox) => {
      const { bytes } = await testPhoto(1);
      await writeFile(join(inbox, 'half.jpg'), bytes.subarray(0, 9000));
      await writeFile(join(inbox, 'empty.JPG'), '');
      await writeFile(join(inbox, 'notes.txt'), 'water the cacti on Monday');
      await writeFile(join(inbox, '.hidden.jpg'), bytes);
      await mkdir(join(inbox, 'folder.jpg'));
      const refused = join(inbox, '.refused');
      await soon(async () => (await listed(refused)).length === 4);
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
      expect(await (await fetch(`${url}/photos`)).json()).toMatchObject({ photos: [] });
    }));
});

describe('a folder as others leave it', () => {
  test('sub-folders are cameras; links, strange names and unfinished files do no harm', () =>
    withFolder(async (folder) => {
      const inbox = join(folder, 'inbox');
      const outside = join(folder, 'outside');
      await mkdir(join(inbox, 'cam-2', '2026'), { recursive: true });
      await mkdir(join(inbox, 'left', 'a'), { recursive: true });
      await mkdir(outside);
      const photos = await Promise.all([1, 2, 3, 4, 5].map((seed) => testPhoto(seed, 320, 240)));
      const [own, byName, byPattern, strange, secret] = photos.map(({ bytes }) => bytes);
      await writeFile(join(inbox, 'own.jpg'), own ?? '');
      await writeFile(join(inbox, 'cam-2', '2026', 'a.jpg'), byName ?? '');
      await writeFile(join(inbox, 'left', 'a', 'b.jpg'), byPattern ?? '');
      const name = Buffer.concat([Buffer.from('line\nof '), Buffer.from([0xff, 0xfe])]);
      const bad = Buffer.concat([
        Buffer.from(`${inbox}/`),
        name,
        Buffer.from(`${'x'.repeat(230)}.jpg`),
      ]);
      await writeFile(bad, strange ?? '');
      await writeFile(join(inbox, 'coming.jpg.part'), secret ?? '');
      await writeFile(join(outside, 'secret.jpg'), secret ?? '');
      await symlink(join(outside, 'secret.jpg'), join(inbox, 'link.jpg'));
      await symlink(outside, join(inbox, 'linked'));
      const path = join(folder, 'edge.yaml');
      await writeFile(
        path,
        `data_folder: data
cameras: [{ code: cam-1, key_sha256: ${'ab'.repeat(32)} }, { code: cam-2 }, { code: cam-3 }]
watch: [{ folder: inbox, camera: cam-1, subfolders: [{ pattern: 'left/**', camera: cam-3 }] }]
`,
      );
      await withEdge({ DEMETER_EDGE_CONFIG: path }, async ({ journal }) => {
        const seen = () =>
          journal.all<{ camera: string; sha256: string }>('SELECT camera, sha256 FROM sightings');
        await soon(() => seen().length >= 4);
        expect(
          seen()
            .map(({ camera }) => camera)
            .sort(),
        ).toEqual(['cam-1', 'cam-1', 'cam-2', 'cam-3']);
        expect(seen().map(({ sha256 }) => sha256)).not.toContain(photos[4]?.sha256);
        const accepted = join(inbox, '.accepted');
        await soon(async () => (await listed(accepted)).length === 4);
        expect(await listed(join(accepted, 'cam-2', '2026'))).toEqual(['a.jpg']);
        // The share goes away and comes back, and its last file gets its name.
        await rename(join(inbox, 'coming.jpg.part'), join(outside, 'coming.jpg'));
        await rm(inbox, { recursive: true });
        await Bun.sleep(1_500);
        await mkdir(inbox);
        await rename(join(outside, 'coming.jpg'), join(inbox, 'coming.jpg'));
        await soon(() => seen().some(({ sha256 }) => sha256 === photos[4]?.sha256));
      });
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

  test('accepted copies go when they are old, or the oldest where they are too many', () => {
    const file = (name: string, sizeBytes: number, movedMs: number) => ({
      path: Buffer.from(name),
      sizeBytes,
      movedMs,
    });
    const files = [file('old', 1, 0), file('mid', 60, 500), file('new', 50, 900)];
    const gone = (keepMs: number, bytesMax: number) =>
      chooseAccepted(files, { keepMs, bytesMax }, 1000).map(({ path }) => path.toString());
    expect(gone(800, 200)).toEqual(['old']);
    expect(gone(2000, 100)).toEqual(['mid', 'old']);
    expect(gone(2000, 200)).toEqual([]);
    expect(gone(0, 0)).toEqual(['new', 'mid', 'old']);
  });
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
