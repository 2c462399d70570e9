import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppError } from '@demeter/common/errors';
import {
  getPhoto,
  postPhoto,
  spawnEdge,
  type TestPhoto,
  testPhoto,
  until,
  withEdge,
  withFolder,
} from '../_testing.ts';
import { readConfig } from '../config.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

/**
 * The ledger: what was acknowledged before kill -9 is there after the next start, byte for byte.
 * Who is killed is a process; who starts after it runs in this one, which takes less time.
 */

const STEPS = [
  'receiving',
  'received',
  'photo-synced',
  'sidecar-named',
  'photo-named',
  'folder-synced',
  'journalled',
];

async function ledgerHolds(
  folder: string,
  acknowledged: readonly TestPhoto[],
  goOn = async (_url: string): Promise<void> => {},
): Promise<void> {
  await withEdge({ DEMETER_EDGE_DATA: folder }, async ({ url }) => {
    for (const { bytes, sha256 } of acknowledged) {
      const photo = await getPhoto(url, sha256);
      expect(photo).toMatchObject({ photo_id: sha256, size_bytes: bytes.length });
      const kept = Bun.file(join(folder, 'spool', sha256.slice(0, 2), sha256));
      expect(Buffer.from(await kept.arrayBuffer()).equals(bytes)).toBe(true);
    }
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
    await goOn(url);
  });
}

describe('kill -9 while accepting', () => {
  test.each(STEPS)(
    'at the step %s: nothing acknowledged is lost, and the camera can send again',
    (step) =>
      withFolder(async (folder) => {
        const photos = await Promise.all([1, 2, 3].map((seed) => testPhoto(seed, 900, 700)));
        const edge = await spawnEdge({ DEMETER_EDGE_DATA: folder }, '_kill-main.ts', [
          step,
          // `receiving` comes once a chunk, the others once a photo.
          step === 'receiving' ? '2' : '3',
        ]);
        const acknowledged: TestPhoto[] = [];
        for (const photo of photos) {
          const answer = await postPhoto(edge.url, photo.bytes).catch(() => null);
          if (answer?.status === 201) acknowledged.push(photo);
        }
        expect(await edge.exited).toBe(137);
        expect(acknowledged.length).toBeLessThan(photos.length);
        await ledgerHolds(folder, acknowledged, async (url) => {
          for (const { bytes, sha256 } of photos) {
            const answer = await postPhoto(url, bytes);
            expect([200, 201]).toContain(answer.status);
            expect(answer.body.photo_id).toBe(sha256);
          }
          const list = (await (await fetch(`${url}/photos`)).json()) as { photos: unknown[] };
          expect(list.photos).toHaveLength(3);
        });
      }),
  );

  test(
    'at any moment under load: the ledger holds',
    () =>
      withFolder(async (folder) => {
        const acknowledged: TestPhoto[] = [];
        for (let round = 0; round < 2; round++) {
          const edge = await spawnEdge({ DEMETER_EDGE_DATA: folder });
          const photos = await Promise.all(
            Array.from({ length: 12 }, (_, i) => testPhoto(100 * round + i, 500, 400)),
          );
          const sending = photos.map(async (photo) => {
            const answer = await postPhoto(edge.url, photo.bytes).catch(() => null);
            if (answer?.status === 201) acknowledged.push(photo);
          });
          await Bun.sleep(5 + round * 45);
          await edge.kill('SIGKILL');
          await Promise.all(sending);
        }
        await ledgerHolds(folder, acknowledged);
      }),
    60_000,
  );
});

describe('at the next start', () => {
  test(
    'a destroyed journal is rebuilt from spool and sidecars',
    () =>
      withFolder(async (folder) => {
        const first = await spawnEdge({ DEMETER_EDGE_DATA: folder });
        const photos = await Promise.all([1, 2, 3].map((seed) => testPhoto(seed, 400, 300)));
        for (const { bytes } of photos)
          await postPhoto(first.url, bytes, { 'x-location-code': 'A1' });
        await postPhoto(first.url, photos[0]?.bytes ?? Buffer.alloc(0));
        await until(() => first.stderr().split('"judged"').length > 3);
        await first.kill('SIGKILL');
        for (const suffix of ['-wal', '-shm']) {
          await rm(join(folder, `journal.sqlite${suffix}`), { force: true });
        }
        await Bun.write(join(folder, 'journal.sqlite'), 'this is no database, '.repeat(1000));
        await ledgerHolds(folder, photos);
        await ledgerHolds(folder, photos, async (url) => {
          const photo = await getPhoto(url, photos[0]?.sha256 ?? '');
          expect(photo.sightings).toMatchObject([{ location_code: 'A1' }, { location_code: null }]);
        });
      }),
    60_000,
  );

  test('a second edge on the same folder is refused, by name', () =>
    withFolder(async (folder) => {
      const first = await spawnEdge({ DEMETER_EDGE_DATA: folder });
      const second = await spawnEdge({ DEMETER_EDGE_DATA: folder });
      expect(await second.exited).toBe(1);
      await until(() => second.stderr().includes('DATA_FOLDER_IN_USE'));
      expect(second.stderr()).toContain(String(first.pid));
      await first.kill('SIGKILL');
      const third = await spawnEdge({ DEMETER_EDGE_DATA: folder });
      expect(third.url).toStartWith('http://127.0.0.1:');
      expect(await third.kill('SIGTERM')).toBe(0);
    }));

  test.each<[string, Record<string, string>]>([
    ['DEMETER_EDGE_PORT', { DEMETER_EDGE_PROT: '1' }],
    ['from 0 to 65535', { DEMETER_EDGE_PORT: 'x' }],
    ['DEMETER_EDGE_CONFIG', { APP_ENV: 'production' }],
    ['DEMETER_EDGE_CONFIG', { DEMETER_EDGE_HOST: '0.0.0.0' }],
    ['DEMETER_EDGE_TOKEN', { DEMETER_EDGE_TOKEN: 'x', DEMETER_EDGE_CORE_URL: 'http://a' }],
  ])('unknown and wrong settings are refused, by name: %s', (said, env) => {
    let refused: unknown;
    try {
      readConfig(env);
    } catch (error) {
      refused = error;
    }
    const { message, hint } = refused as AppError;
    expect(`${message} ${hint}`).toContain(said);
  });

  test('with a wrong setting the program ends with 1 and says nothing on stdout', () =>
    withFolder(async (folder) => {
      const edge = await spawnEdge({ DEMETER_EDGE_DATA: folder, DEMETER_EDGE_PROT: '1' });
      expect(await edge.exited).toBe(1);
      await until(() => edge.stderr().includes('UNKNOWN_SETTING'), 30_000, edge.stderr);
      expect(edge.stdout()).toBe('');
    }));
});

test('prints one line on stdout when ready, and ends with 0 on SIGTERM while uploads go on', () =>
  withFolder(async (folder) => {
    const edge = await spawnEdge({ DEMETER_EDGE_DATA: folder });
    const ready = JSON.parse(edge.stdout());
    expect(ready).toEqual({ ready: true, http: edge.url.replace('http://', '') });
    const { bytes, sha256 } = await testPhoto(7);
    let sent = 0;
    const slow = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await Bun.sleep(60);
        const chunk = bytes.subarray(sent, sent + Math.ceil(bytes.length / 10));
        sent += chunk.length;
        if (chunk.length === 0) controller.close();
        else controller.enqueue(new Uint8Array(chunk));
      },
    });
    const uploading = fetch(`${edge.url}/photos`, { method: 'POST', body: slow });
    await Bun.sleep(200);
    const ended = edge.kill('SIGTERM');
    const answer = await uploading;
    expect(answer.status).toBe(201);
    expect(await ended).toBe(0);
    expect(edge.stdout().trim().split('\n')).toHaveLength(1);
    await ledgerHolds(folder, [{ bytes, sha256 }]);
  }));
