import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  getPhoto,
  postPhoto,
  type TestPhoto,
  testPhoto,
  withEdge,
  withFolder,
} from '../_testing.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

let photo: TestPhoto;
let folder: string;
beforeAll(async () => {
  photo = await testPhoto(1);
  folder = await mkdtemp(join(tmpdir(), 'demeter-accept-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');

/** An edge of its own with nothing in it. */
const fresh = (
  use: (url: string, data: string) => Promise<void>,
  env: Record<string, string> = {},
) =>
  withFolder((data) => withEdge({ DEMETER_EDGE_DATA: data, ...env }, ({ url }) => use(url, data)));

async function filesIn(data: string): Promise<string[]> {
  const names = await readdir(data, { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe('POST /photos', () => {
  test('answers 201 with the hash, and keeps bytes and sidecar', () =>
    fresh(async (url, data) => {
      const answer = await postPhoto(url, photo.bytes, {
        'x-file-name': 'B%C3%A9nch%2012.jpg',
        'x-captured-at': '2026-05-01T10:00:00+02:00',
        'x-location-code': 'A1-03',
        'x-correlation-id': 'journey-0001',
      });
      expect(answer.status).toBe(201);
      expect(answer.headers.get('x-correlation-id')).toBe('journey-0001');
      expect(answer.body).toMatchObject({ photo_id: photo.sha256, state: 'spooled', new: true });
      const kept = Bun.file(join(data, 'spool', photo.sha256.slice(0, 2), photo.sha256));
      expect(Buffer.from(await kept.arrayBuffer()).equals(photo.bytes)).toBe(true);
      const found = await getPhoto(url, photo.sha256);
      expect(found).toMatchObject({ width: 1200, height: 900, correlation_id: 'journey-0001' });
      expect(found.sightings).toMatchObject([
        {
          id: answer.body.sighting_id,
          file_name: 'Bénch 12.jpg',
          captured_at: '2026-05-01T08:00:00.000Z',
          captured_at_source: 'device',
          location_code: 'A1-03',
        },
      ]);
      expect(await readdir(join(data, 'tmp'))).toEqual([]);
    }));

  test('takes a form, its fields before or behind the file', () =>
    fresh(async (url) => {
      for (const behind of [true, false]) {
        const form = new FormData();
        if (!behind) form.append('location_code', 'B2');
        form.append('photo', new Blob([new Uint8Array(photo.bytes)]), 'leaf.jpg');
        if (behind) form.append('location_code', 'B2');
        const answer = await fetch(`${url}/photos`, { method: 'POST', body: form });
        expect(answer.status).toBe(behind ? 201 : 200);
      }
      const { sightings } = await getPhoto(url, photo.sha256);
      expect(sightings).toMatchObject([
        { location_code: 'B2', file_name: 'leaf.jpg' },
        { location_code: 'B2', file_name: 'leaf.jpg' },
      ]);
    }));

  test('the same bytes a hundred times at once are one photo with a hundred sightings', () =>
    fresh(async (url, data) => {
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => postPhoto(url, photo.bytes)),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(99);
      expect(new Set(answers.map(({ body }) => body.photo_id))).toEqual(new Set([photo.sha256]));
      expect(new Set(answers.map(({ body }) => body.sighting_id)).size).toBe(100);
      const { sightings } = await getPhoto(url, photo.sha256);
      expect(sightings).toHaveLength(100);
      expect((await filesIn(data)).filter((name) => name === photo.sha256)).toHaveLength(1);
    }));

  const bad: [string, () => Uint8Array, number, string][] = [
    ['text', () => Buffer.from('not a photo at all'), 415, 'NOT_AN_IMAGE'],
    ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 415, 'NOT_AN_IMAGE'],
    ['nothing', () => Buffer.alloc(0), 422, 'EMPTY_PHOTO'],
    ['half a photo', () => photo.bytes.subarray(0, photo.bytes.length / 2), 422, 'TRUNCATED_PHOTO'],
    [
      'a photo over the byte limit',
      () => Buffer.concat([photo.bytes, Buffer.alloc(2_000_000)]),
      413,
      'PHOTO_TOO_LARGE',
    ],
    ['a bomb: 50,000 × 50,000 in a small PNG', () => bomb(50_000, 50_000), 413, 'TOO_MANY_PIXELS'],
  ];

  test.each(bad)('refuses %s and keeps nothing', (_name, bytes, status, code) =>
    fresh(
      async (url, data) => {
        const answer = await postPhoto(url, bytes());
        expect(answer.status).toBe(status);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(answer.body).toMatchObject({ code, status, type: `/errors/${code}` });
        expect(answer.body.correlation_id).toBe(answer.headers.get('x-correlation-id') ?? '');
        const list = await (await fetch(`${url}/photos`)).json();
        expect(list).toEqual({ photos: [], next: null });
        const left = (await filesIn(data)).filter((name) => !/^(journal|lock)/.test(name));
        expect(left).toEqual([]);
      },
      { DEMETER_PHOTO_BYTES_MAX: '2000000' },
    ),
  );

  test('counts bytes that come without a length, and stops at the limit', () =>
    fresh(
      async (url) => {
        let sent = 0;
        const endless = new ReadableStream<Uint8Array>({
          pull(controller) {
            const chunk = sent === 0 ? photo.bytes.subarray(0, 65_536) : Buffer.alloc(65_536);
            sent += chunk.length;
            if (sent > 50_000_000) controller.close();
            else controller.enqueue(new Uint8Array(chunk));
          },
        });
        const answer = await fetch(`${url}/photos`, { method: 'POST', body: endless });
        expect(answer.status).toBe(413);
      },
      { DEMETER_PHOTO_BYTES_MAX: '1000000' },
    ));

  test('checks a hash that came along', () =>
    fresh(async (url) => {
      const wrong = await postPhoto(url, photo.bytes, { 'expect-sha-256': sha256Of('x') });
      expect(wrong).toMatchObject({ status: 422, body: { code: 'CHECKSUM_MISMATCH' } });
      expect((await getPhoto(url, photo.sha256)).status).toBe(404);
      const right = await postPhoto(url, photo.bytes, { 'expect-sha-256': photo.sha256 });
      expect(right.status).toBe(201);
      const nonsense = await postPhoto(url, photo.bytes, { 'expect-sha-256': 'abc' });
      expect(nonsense).toMatchObject({ status: 400, body: { field: 'Expect-SHA-256' } });
    }));

  test('refuses a time without a zone or beyond four digits of a year, by field', () =>
    fresh(async (url) => {
      for (const time of [
        '2026-05-01 10:00',
        '+012000-01-01T00:00:00Z',
        '-000001-01-01T00:00:00Z',
      ]) {
        const answer = await postPhoto(url, photo.bytes, { 'x-captured-at': time });
        expect(answer).toMatchObject({ status: 400, body: { field: 'captured_at' } });
      }
    }));

  test.each(['A1%00', 'A%0A1', '%7F', 'x'.repeat(101)])(
    'refuses the place %s, wherever it is said',
    (coded) =>
      fresh(async (url) => {
        const form = new FormData();
        form.append('location_code', decodeURIComponent(coded));
        form.append('photo', new Blob([new Uint8Array(photo.bytes)]), 'a.jpg');
        const inForm = await fetch(`${url}/photos`, { method: 'POST', body: form });
        const inHeader = await postPhoto(url, photo.bytes, { 'x-location-code': coded });
        for (const { status, body } of [
          inHeader,
          { status: inForm.status, body: await inForm.json() },
        ]) {
          expect({ status, body }).toMatchObject({ status: 400, body: { field: 'location_code' } });
        }
      }),
  );

  test('refuses broken forms', () =>
    fresh(async (url) => {
      const none = new FormData();
      none.append('location_code', 'A1');
      const many = new FormData();
      for (let i = 0; i < 1000; i++) many.append(`f${i}`, 'x');
      const other = new FormData();
      other.append('file', new Blob([new Uint8Array(photo.bytes)]), 'a.jpg');
      for (const form of [none, many, other]) {
        const answer = await fetch(`${url}/photos`, { method: 'POST', body: form });
        expect(answer.status).toBe(400);
      }
      for (const isFirst of [true, false]) {
        const misnamed = new FormData();
        if (isFirst) misnamed.append('location', 'B2');
        misnamed.append('photo', new Blob([new Uint8Array(photo.bytes)]), 'a.jpg');
        if (!isFirst) misnamed.append('location', 'B2');
        const answer = await fetch(`${url}/photos`, { method: 'POST', body: misnamed });
        expect(answer.status).toBe(400);
        const problem = { field: 'location', hint: expect.stringContaining('location_code') };
        expect(await answer.json()).toMatchObject(problem);
      }
      const headers = { 'content-type': 'multipart/form-data; boundary=x' };
      const cut = Buffer.concat([
        Buffer.from('--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\n'),
        photo.bytes,
      ]);
      for (const body of ['--x\r\n', 'nonsense', cut]) {
        const answer = await fetch(`${url}/photos`, { method: 'POST', headers, body });
        expect(answer.status).toBe(400);
      }
      const unnamed = { 'content-type': 'multipart/form-data' };
      const answer = await fetch(`${url}/photos`, { method: 'POST', headers: unnamed, body: 'x' });
      expect(answer.status).toBe(400);
    }));
});

describe('who may ask', () => {
  const cameras = async (list: object[]) => {
    const path = join(folder, `${list.length}-cameras.json`);
    await writeFile(path, JSON.stringify({ cameras: list }));
    return { DEMETER_EDGE_CAMERAS: path };
  };
  const PLACE_ID = '01890000-0000-7000-8000-0000000000a1';
  const two = [
    { code: 'cam-1', key_sha256: sha256Of('key one'), location_code: 'A1' },
    { code: 'cam-2', key_sha256: sha256Of('key two'), location_id: PLACE_ID },
  ];
  const basic = (user: string, key: string) =>
    `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`;

  test('a camera is known by its key, as Bearer or Basic', async () => {
    await fresh(
      async (url) => {
        const good = ['Bearer key one', basic('cam-1', 'key one')].map((authorization) => ({
          authorization,
        }));
        for (const headers of good) {
          const answer = await postPhoto(url, photo.bytes, headers);
          expect(answer.status).toBeLessThan(300);
        }
        const byId = { authorization: 'Bearer key two' };
        await postPhoto(url, photo.bytes, byId);
        await postPhoto(url, photo.bytes, { ...byId, 'x-location-code': 'B2' });
        const answer = await fetch(`${url}/photos/${photo.sha256}`, { headers: good[0] ?? {} });
        const { sightings } = (await answer.json()) as { sightings: unknown[] };
        expect(sightings).toMatchObject([
          { camera: 'cam-1', location_code: 'A1' },
          { camera: 'cam-1', location_code: 'A1' },
          { camera: 'cam-2', location_code: null, location_id: PLACE_ID },
          { camera: 'cam-2', location_code: 'B2' },
        ]);
        expect(sightings[3]).not.toHaveProperty('location_id');
      },
      await cameras(two.map((camera) => ({ ...camera, key_sha256: camera.key_sha256 }))),
    );
  });

  test('anyone else is refused everywhere but at the health check', async () => {
    await fresh(
      async (url) => {
        const refused = [
          '',
          'Bearer ',
          'Bearer wrong',
          basic('cam-2', 'key one'),
          'Digest x',
          'Basic %',
        ];
        for (const authorization of refused) {
          const answer = await postPhoto(url, photo.bytes, { authorization });
          expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
          const list = await fetch(`${url}/photos`, { headers: { authorization } });
          expect(list.status).toBe(401);
          const one = await fetch(`${url}/photos/${photo.sha256}`, { headers: { authorization } });
          expect(one.status).toBe(401);
        }
        expect((await fetch(`${url}/health/live`)).status).toBe(200);
        expect((await fetch(`${url}/health/ready`)).status).toBe(200);
      },
      await cameras(two),
    );
  });
});

describe('GET /photos', () => {
  test('pages through photos, newest first, and filters by state', () =>
    fresh(async (url) => {
      const sent: string[] = [];
      for (let seed = 10; seed < 15; seed++) {
        const { bytes, sha256 } = await testPhoto(seed, 300, 200);
        await postPhoto(url, bytes);
        sent.unshift(sha256);
        await Bun.sleep(2);
      }
      const seen: string[] = [];
      let next: string | null = '';
      while (next !== null) {
        const after: string = next === '' ? '' : `&after=${next}`;
        const answer = await fetch(`${url}/photos?limit=2${after}`);
        const page = (await answer.json()) as {
          photos: { photo_id: string }[];
          next: string | null;
        };
        seen.push(...page.photos.map(({ photo_id }) => photo_id));
        next = page.next;
      }
      expect(seen).toEqual(sent);
      const none = await (await fetch(`${url}/photos?state=evicted`)).json();
      expect(none).toEqual({ photos: [], next: null });
      for (const query of ['state=lost', 'limit=0', 'limit=x', 'after=x']) {
        expect((await fetch(`${url}/photos?${query}`)).status).toBe(400);
      }
      const bogus = (await (await fetch(`${url}/photos?state=bogus`)).json()) as object;
      expect(bogus).toMatchObject({ field: 'state', hint: expect.stringContaining('verified') });
      expect((await fetch(`${url}/photos/nothing`)).status).toBe(404);
    }));
});

/** A PNG whose header states more pixels than its bytes hold. */
function bomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(33);
  header.write('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1');
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  header.set([8, 6, 0, 0, 0], 24);
  const end = Buffer.from([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
  return Buffer.concat([header, end]);
}
