import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getPhoto, testPhoto, until, withEdge, withFolder } from '../_testing.ts';
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

const listed = (folder: string) => readdir(folder).catch(() => [] as string[]);

describe('a watched folder', () => {
  test('accepts settled photos and moves them, whatever they are called', () =>
    watching(async (url, inbox) => {
      const { bytes, sha256 } = await testPhoto(1);
      await writeFile(join(inbox, 'leaf.dat'), bytes);
      await until(async () => (await listed(join(inbox, '.accepted'))).includes('leaf.dat'));
      const photo = await getPhoto(url, sha256);
      expect(photo.sightings).toMatchObject([
        { camera: 'bench', file_name: 'leaf.dat', captured_at_source: 'file' },
      ]);
      expect((await readFile(join(inbox, '.accepted', 'leaf.dat'))).equals(bytes)).toBe(true);
      // The same name again does not replace what was accepted before.
      const other = await testPhoto(2);
      await writeFile(join(inbox, 'leaf.dat'), other.bytes);
      await until(async () => (await listed(join(inbox, '.accepted'))).includes('leaf-1.dat'));
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
      await until(async () => (await getPhoto(url, sha256)).photo_id === sha256);
    }));

  test('a file that cannot be moved is one sighting, not one a round', () =>
    watching(async (url, inbox) => {
      const { bytes, sha256 } = await testPhoto(1);
      // Nothing can be moved to where a file stands.
      await writeFile(join(inbox, '.accepted'), '');
      await writeFile(join(inbox, 'stays.jpg'), bytes);
      await until(async () => (await getPhoto(url, sha256)).photo_id === sha256);
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
      await until(async () => (await listed(refused)).length === 4);
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

describe('settling', () => {
  const seen = { sizeBytes: 10, modifiedMs: 5 };

  test('takes two seconds without a change', () => {
    const settling = new Settling();
    expect(settling.isSettled('a', seen, 0)).toBe(false);
    expect(settling.isSettled('a', seen, SETTLED_MS - 1)).toBe(false);
    expect(settling.isSettled('a', { ...seen, sizeBytes: 11 }, SETTLED_MS)).toBe(false);
    expect(settling.isSettled('a', { ...seen, sizeBytes: 11 }, 2 * SETTLED_MS)).toBe(true);
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
    settling.postpone('a', 50_000);
    expect(settling.isSettled('a', seen, 49_999)).toBe(false);
    expect(settling.isSettled('a', seen, 50_000)).toBe(true);
    settling.keepOnly(new Set());
    expect(settling.isSettled('a', seen, 60_000)).toBe(false);
  });
});
