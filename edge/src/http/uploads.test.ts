import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pairPhone } from '../_phone.ts';
import { postPhoto, spawnEdge, testPhoto, until, withEdge, withFolder } from '../_testing.ts';

setDefaultTimeout(60_000);

const spooled = (folder: string, sha256: string) =>
  readFile(join(folder, 'spool', sha256.slice(0, 2), sha256));

const fresh = (
  use: (url: string, folder: string) => Promise<void>,
  env: Record<string, string> = {},
) =>
  withFolder((folder) =>
    withEdge({ DEMETER_EDGE_DATA: folder, ...env }, ({ url }) => use(url, folder)),
  );

const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;

describe('uploads in pieces', () => {
  test('cut at any byte and resumed, a photo arrives byte for byte, with place, name and sender', () =>
    fresh(async (url, folder) => {
      const phone = await pairPhone(url, folder);
      const seed = Math.floor(Math.random() * 1e6);
      const { bytes, sha256 } = await testPhoto(seed, 900, 700);
      const upload = await phone.begin(bytes.length, {
        filename: 'bench.jpg',
        location_code: 'A1-03',
        captured_at: '2026-05-01T08:00:00Z',
        sha256,
      });
      const path = join(folder, 'uploads', upload.split('/').pop() ?? '');
      let offset = 0;
      for (let cut = 1; cut <= 12; cut++) {
        const rest = bytes.subarray(offset);
        const count = 1 + Math.floor((rest.length / 3) * (((seed * 31 + cut * 17) % 97) / 97));
        const body = { sizeBytes: rest.length, beginning: rest.subarray(0, count) };
        await phone.patchAndHangUp(upload, offset, body, () =>
          until(async () => (await stat(path)).size === offset + count),
        );
        expect({ seed, cut, offset: await phone.offset(upload) }).toEqual({
          ...{ seed, cut },
          offset: offset + count,
        });
        offset += count;
      }
      const done = await phone.patch(upload, offset, bytes.subarray(offset));
      expect(done.status).toBe(204);
      expect(done.headers.get('photo-id')).toBe(sha256);
      expect(Buffer.compare(await spooled(folder, sha256), bytes)).toBe(0);
      expect(await phone.offset(upload)).toBe(bytes.length);
      const photo = await phone.read<object>(`/page/photos/${sha256}`);
      expect(photo).toMatchObject({ camera: 'Test phone', place: 'A1-03' });
      const known = (await (await fetch(`${url}/photos/${sha256}`)).json()) as {
        sightings: { file_name: string; captured_at: string; captured_at_source: string }[];
      };
      expect(known.sightings).toHaveLength(1);
      expect(known.sightings[0]).toMatchObject({
        file_name: 'bench.jpg',
        captured_at: '2026-05-01T08:00:00.000Z',
        captured_at_source: 'device_file',
      });
      expect(await readdir(join(folder, 'uploads'))).toEqual([]);
    }));

  test('an upload that has begun survives kill -9 of the box', () =>
    withFolder(async (folder) => {
      const env = { DEMETER_EDGE_DATA: folder };
      const first = await spawnEdge(env);
      const { bytes, sha256 } = await testPhoto(7);
      const phone = await pairPhone(first.url, folder);
      const upload = await phone.begin(bytes.length);
      const half = bytes.length >> 1;
      expect((await phone.patch(upload, 0, bytes.subarray(0, half))).status).toBe(204);
      await first.kill('SIGKILL');

      const second = await spawnEdge({ ...env, DEMETER_EDGE_PORT: new URL(first.url).port });
      expect(second.url).toBe(first.url);
      expect(await phone.offset(upload)).toBe(half);
      expect((await phone.patch(upload, half, bytes.subarray(half))).status).toBe(204);
      expect(Buffer.compare(await spooled(folder, sha256), bytes)).toBe(0);
      await second.kill('SIGTERM');
    }));

  test('of two who send one upload the later goes on where the earlier was let go', () =>
    fresh(async (url, folder) => {
      const phone = await pairPhone(url, folder);
      const { bytes, sha256 } = await testPhoto(8);
      const upload = await phone.begin(bytes.length);
      // The first holds its connection open and sends no more, like a phone that lost its network.
      const path = join(folder, 'uploads', upload.split('/').pop() ?? '');
      const hungUp = Promise.withResolvers<void>();
      const body = { sizeBytes: bytes.length, beginning: bytes.subarray(0, 1000) };
      const stalled = phone.patchAndHangUp(upload, 0, body, () => hungUp.promise);
      await until(async () => (await stat(path)).size === 1000);
      const offset = await until(() => phone.offset(upload));
      expect(offset).toBe(1000);
      const [one, two] = await Promise.all([
        phone.patch(upload, offset, bytes.subarray(offset)),
        phone.patch(upload, offset, bytes.subarray(offset)),
      ]);
      hungUp.resolve();
      await stalled;
      // The one that comes second finds it done, or finds another offset than it believed in.
      const statuses = [one.status, two.status].sort();
      expect(statuses[0]).toBe(204);
      expect([204, 409]).toContain(statuses[1] as number);
      expect(Buffer.compare(await spooled(folder, sha256), bytes)).toBe(0);
    }));

  test('lies about offset, length and checksum are refused, each with its code', () =>
    fresh(async (url, folder) => {
      const phone = await pairPhone(url, folder);
      const { bytes, sha256 } = await testPhoto(9, 600, 500);
      const upload = await phone.begin(bytes.length, { sha256: 'ab'.repeat(32) });

      const wrongOffset = await phone.patch(upload, 10, bytes.subarray(10));
      expect([wrongOffset.status, await codeOf(wrongOffset)]).toEqual([409, 'CONFLICT']);
      const tooLong = await phone.patch(upload, 0, Buffer.concat([bytes, Buffer.from('more')]));
      expect([tooLong.status, await codeOf(tooLong)]).toEqual([413, 'PHOTO_TOO_LARGE']);
      const other = await phone.patch(upload, 0, bytes);
      expect([other.status, await codeOf(other)]).toEqual([422, 'CHECKSUM_MISMATCH']);
      // What was refused for good is gone: it begins anew.
      expect(await phone.offset(upload)).toBe(-404);
      expect((await phone.ask(`/page/photos/${sha256}`)).status).toBe(404);
    }));

  test('what is no photo, empty, too large or described wrongly is refused', () =>
    fresh(
      async (url, folder) => {
        const phone = await pairPhone(url, folder);
        const begin = (length: number, metadata = '') =>
          phone.ask('/uploads', {
            method: 'POST',
            headers: {
              'tus-resumable': '1.0.0',
              'upload-length': String(length),
              ...(metadata ? { 'upload-metadata': metadata } : {}),
            },
          });
        expect((await begin(0)).status).toBe(422);
        expect((await begin(2_000_000)).status).toBe(413);
        const time = Buffer.from('yesterday').toString('base64');
        expect((await begin(10, `captured_at ${time}`)).status).toBe(400);
        const place = Buffer.from('A1\0').toString('base64');
        expect((await begin(10, `location_code ${place}`)).status).toBe(400);
        const misspelt = await begin(10, `filetype aW1n,place ${place}`);
        expect(await misspelt.json()).toMatchObject({
          code: 'INVALID_INPUT',
          field: 'place',
          hint: expect.stringContaining('location_code'),
        });
        const upload = await phone.begin(9, { filename: 'a.jpg', filetype: 'image/jpeg' });
        const script = await phone.patch(upload, 0, Buffer.from('<script/>'));
        expect([script.status, await codeOf(script)]).toEqual([415, 'NOT_AN_IMAGE']);
        expect(await phone.offset(upload)).toBe(-404);
      },
      { DEMETER_PHOTO_BYTES_MAX: '1048576' },
    ));

  test('uploads that have begun count as if their bytes were here, and leave room for cameras', () =>
    fresh(
      async (url, folder) => {
        const phone = await pairPhone(url, folder);
        await phone.begin(400_000);
        const second = await phone.begin(400_000).catch((error: Error) => error.message);
        expect(second).toContain('STORAGE_FULL');
        const { bytes } = await testPhoto(12, 900, 700);
        expect((await postPhoto(url, bytes)).status).toBe(201);
        const { disk } = await phone.read<{ disk: { held_bytes: number } }>('/page/state');
        expect(disk.held_bytes).toBe(bytes.length);
      },
      { DEMETER_EDGE_BYTES_MAX: '1048576' },
    ));

  test('nobody goes on with the upload of another phone, or without a session', () =>
    fresh(async (url, folder) => {
      const phone = await pairPhone(url, folder);
      const other = await pairPhone(url, folder);
      const { bytes } = await testPhoto(10, 400, 400);
      const upload = await phone.begin(bytes.length);
      expect(await other.offset(upload)).toBe(-404);
      expect((await other.patch(upload, 0, bytes)).status).toBe(404);
      const headers = { 'tus-resumable': '1.0.0' };
      expect((await fetch(url + upload, { method: 'HEAD', headers })).status).toBe(401);
      const noToken = { ...headers, cookie: phone.headers.cookie ?? '' };
      const asked = await fetch(url + upload, { method: 'DELETE', headers: noToken });
      expect([asked.status, await codeOf(asked)]).toEqual([403, 'CSRF_REJECTED']);
      expect((await phone.ask(upload, { method: 'DELETE', headers })).status).toBe(204);
      expect(await phone.offset(upload)).toBe(-404);
    }));
});
