import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../ids.ts';
import { codeOf, describeStore } from './_store-contract.ts';
import { removeTestBucket } from './_test-bucket.ts';
import type { PutGrant } from './object-store.ts';
import { S3ObjectStore } from './s3.ts';

const endpoint = process.env.DEMETER_TEST_S3_ENDPOINT;

describe.skipIf(!endpoint)('S3 store (needs DEMETER_TEST_S3_ENDPOINT)', () => {
  let folder: string;
  const options = {
    endpoint: endpoint ?? '',
    publicEndpoint: endpoint,
    bucket: `test-${newId()}`,
    accessKey: process.env.DEMETER_TEST_S3_ACCESS_KEY ?? '',
    secretKey: process.env.DEMETER_TEST_S3_SECRET_KEY ?? '',
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
});
