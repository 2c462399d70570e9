import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../ids.ts';
import { codeOf, describeStore, readAll } from './_store-contract.ts';
import { removeTestBucket, S3_SERVERS } from './_test-bucket.ts';
import type { PartUploads, PutGrant } from './object-store.ts';
import { S3ObjectStore } from './s3.ts';

for (const server of S3_SERVERS) {
  describe.skipIf(!server.endpoint)(`S3 store on ${server.name} (needs ${server.needs})`, () =>
    suite(server),
  );
}

function suite({ name, endpoint, accessKey, secretKey }: (typeof S3_SERVERS)[number]) {
  let folder: string;
  const options = {
    endpoint: endpoint ?? '',
    publicEndpoint: endpoint,
    bucket: `test-${newId()}`,
    accessKey,
    secretKey,
  };
  const store = endpoint ? new S3ObjectStore(options) : (undefined as never);
  const bytes = randomBytes(50_000);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const wanted = { sha256, sizeBytes: bytes.length, mediaType: 'image/jpeg', expiresInSeconds: 60 };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'demeter-store-'));
    await store.init();
  });
  afterAll(async () => {
    await removeTestBucket(store, options);
    await rm(folder, { recursive: true, force: true });
  });

  describeStore(
    'as a store',
    () => store,
    () => folder,
  );

  const granted = async (key: string, expiresInSeconds = 60): Promise<PutGrant> => {
    const grant = await store.grantPut(key, { ...wanted, expiresInSeconds });
    if (!grant) throw new Error('no grant');
    return grant;
  };
  const send = async (grant: PutGrant, body: Buffer, headers = grant.headers) => {
    const answer = await fetch(grant.url, { method: 'PUT', headers, body: new Uint8Array(body) });
    await answer.text();
    return answer.status;
  };

  test('a grant stores the bytes it was given for, once', async () => {
    const grant = await granted('inbox/good');
    expect(await send(grant, bytes)).toBe(200);
    expect(await send(grant, bytes)).toBe(412);
    expect(await store.put('inbox/good', { bytes }, wanted)).toEqual({ created: false });
  });

  test('a grant refuses other bytes of the same length', async () => {
    const grant = await granted('inbox/forged');
    expect(await send(grant, randomBytes(bytes.length))).toBe(400);
    expect(await store.head('inbox/forged')).toBeNull();
  });

  test('a grant refuses another length, another checksum and a missing condition', async () => {
    const grant = await granted('inbox/bent');
    const short = { ...grant.headers, 'content-length': '49999' };
    const refused = [400, 403];
    expect(refused).toContain(await send(grant, bytes.subarray(1), short));
    const forged = randomBytes(bytes.length);
    const checksum = createHash('sha256').update(forged).digest('base64');
    const other = { ...grant.headers, 'x-amz-checksum-sha256': checksum };
    expect(refused).toContain(await send(grant, forged, other));
    const { 'if-none-match': _, ...unconditional } = grant.headers;
    expect(refused).toContain(await send(grant, bytes, unconditional));
    expect(await store.head('inbox/bent')).toBeNull();
  });

  test('a grant is for one key and ends', async () => {
    const grant = await granted('inbox/one', 1);
    const elsewhere = { ...grant, url: grant.url.replace('inbox/one', 'inbox/two') };
    expect(await send(elsewhere, bytes)).toBe(403);
    await Bun.sleep(2100);
    expect(await send(grant, bytes)).toBe(403);
    expect(await store.head('inbox/one')).toBeNull();
  });

  test('a link reads the object under the name asked for, until it ends', async () => {
    await store.put('photos/linked', { bytes }, wanted);
    const link = await store.presignGet('photos/linked', {
      expiresInSeconds: 60,
      fileName: "Müllers 'Beet' (1).jpg",
    });
    const answer = await fetch(link ?? '');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toContain("UTF-8''M%C3%BCllers");
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    const bent = await fetch((link ?? '').replace('photos/linked', 'inbox/good'));
    expect(bent.status).toBe(403);
    const short = await store.presignGet('photos/linked', { expiresInSeconds: 1 });
    await Bun.sleep(2100);
    expect((await fetch(short ?? '')).status).toBe(403);
  });

  test('check names a bucket that is missing', async () => {
    const other = new S3ObjectStore({ ...options, bucket: `none-${newId()}` });
    expect(await codeOf(other.check())).toBe('OBJECT_STORE_UNAVAILABLE');
  });

  test('wrong keys are an unavailable store, not a missing object', async () => {
    const stranger = new S3ObjectStore({ ...options, secretKey: 'wrong-secret' });
    expect(await codeOf(stranger.head('inbox/good'))).toBe('OBJECT_STORE_UNAVAILABLE');
  });

  describe('in parts', () => {
    const PART = 5 * 1024 * 1024;
    const whole = randomBytes(2 * PART + 1000);
    const pieces = [0, 1, 2].map((at) => {
      const body = whole.subarray(at * PART, (at + 1) * PART);
      const sha256 = createHash('sha256').update(body).digest('hex');
      const sizeBytes = body.length;
      return { body, part: { number: at + 1, sha256, sizeBytes, expiresInSeconds: 60 } };
    });
    const uploads = store?.parts as PartUploads;
    const sendPart = async (key: string, id: string, at: number, body = pieces[at]!.body) =>
      await send(await uploads.grant(key, id, pieces[at]!.part), body);

    test('an upload is resumed from what the store lists, and joined once', async () => {
      const id = await uploads.begin('inbox/parts', 'image/jpeg');
      expect(await uploads.list('inbox/parts', id)).toEqual([]);
      expect(await sendPart('inbox/parts', id, 2)).toBe(200);
      expect(await sendPart('inbox/parts', id, 0)).toBe(200);
      const arrived = await uploads.list('inbox/parts', id);
      const known = arrived?.map(({ number, sizeBytes, sha256 }) => ({
        number,
        sizeBytes,
        sha256,
      }));
      const facts = ({ part: { expiresInSeconds: _, ...rest } }: (typeof pieces)[number]) => rest;
      expect(known).toEqual([pieces[0]!, pieces[2]!].map(facts));
      expect(await sendPart('inbox/parts', id, 1)).toBe(200);
      expect(await sendPart('inbox/parts', id, 1)).toBe(200);
      const parts = (await uploads.list('inbox/parts', id)) ?? [];
      expect(parts).toHaveLength(3);
      expect(await uploads.complete('inbox/parts', id, parts)).toEqual({ created: true });
      const { stream, mediaType } = await store.get('inbox/parts');
      expect((await readAll(stream)).equals(whole)).toBe(true);
      expect(mediaType).toBe('image/jpeg');
      expect(await uploads.list('inbox/parts', id)).toBeNull();
    }, 240_000);

    test('a part of other bytes is refused, and a grant is for one part of one upload', async () => {
      const id = await uploads.begin('inbox/bent', 'image/jpeg');
      const other = randomBytes(pieces[2]!.body.length);
      expect(await sendPart('inbox/bent', id, 2, other)).toBe(400);
      const grant = await uploads.grant('inbox/bent', id, pieces[2]!.part);
      const bent = (from: string, to: string) => ({ ...grant, url: grant.url.replace(from, to) });
      expect(await send(bent('partNumber=3', 'partNumber=2'), pieces[2]!.body)).toBe(403);
      expect(await send(bent('inbox/bent', 'inbox/else'), pieces[2]!.body)).toBe(403);
      expect(await uploads.list('inbox/bent', id)).toEqual([]);
      await uploads.abort('inbox/bent', id);
      await uploads.abort('inbox/bent', id);
      expect(await uploads.list('inbox/bent', id)).toBeNull();
      expect(await sendPart('inbox/bent', id, 2)).toBe(404);
    });

    test('never joins over an object that stands there', async () => {
      const id = await uploads.begin('inbox/taken', 'image/jpeg');
      await sendPart('inbox/taken', id, 2);
      await store.put('inbox/taken', { bytes }, wanted);
      const parts = (await uploads.list('inbox/taken', id)) ?? [];
      expect(await uploads.complete('inbox/taken', id, parts)).toEqual({ created: false });
      expect((await store.head('inbox/taken'))?.sizeBytes).toBe(bytes.length);
      await uploads.abort('inbox/taken', id);
    });

    test('an upload that is not known, or lacks a part, is not joined', async () => {
      const id = await uploads.begin('inbox/gap', 'image/jpeg');
      const absent = { number: 1, sizeBytes: 5, sha256: wanted.sha256, etag: '"0"' };
      expect(await codeOf(uploads.complete('inbox/gap', id, [absent]))).toBe('NOT_FOUND');
      await uploads.abort('inbox/gap', id);
      expect(await codeOf(uploads.complete('inbox/gap', id, [absent]))).toBe('NOT_FOUND');
      expect(await store.head('inbox/gap')).toBeNull();
    });

    test('names what was begun and never ended', async () => {
      const id = await uploads.begin('inbox/left', 'image/jpeg');
      const found = await Array.fromAsync(uploads.pending('inbox/left'));
      expect(found).toMatchObject([{ key: 'inbox/left', uploadId: id }]);
      expect(Math.abs(found[0]!.begunAt.getTime() - Date.now())).toBeLessThan(3_600_000);
      await uploads.abort('inbox/left', id);
      expect(await Array.fromAsync(uploads.pending('inbox/left'))).toEqual([]);
    });

    test('names them under a prefix too, except MinIO, which drops them itself after a day', async () => {
      const id = await uploads.begin('inbox/deep/left', 'image/jpeg');
      const found = await Array.fromAsync(uploads.pending('inbox/deep/'));
      expect(found.map(({ uploadId }) => uploadId)).toEqual(name === 'MinIO' ? [] : [id]);
      await uploads.abort('inbox/deep/left', id);
    });
  });
}
