import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { versitygw } from '../../run/servers/versitygw.ts';
import { LeftOut, must } from '../fault-case.ts';
import { Camera, hashOf } from './camera.ts';
import { call, EnrolledBox, grantBody, registrationBody } from './credentials.ts';
import type { EdgeCase } from './edge-case.ts';
import { requireLedger } from './ledger.ts';

interface Put {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The flaw: who knows an access key puts without a signature that means anything. */
function unsigned(endpoint: string, bucket: string, key: string, accessKey: string): Put[] {
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const credential = `${accessKey}/${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const signature = '0'.repeat(64);
  const url = `${endpoint}/${bucket}/${key}`;
  const trailer = {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-date': date,
    'x-amz-trailer': 'x-amz-checksum-crc32',
    'content-encoding': 'aws-chunked',
  };
  const names = 'host;x-amz-content-sha256;x-amz-date;x-amz-trailer';
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': credential,
    'X-Amz-Date': date,
    'X-Amz-Expires': '600',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': signature,
  });
  return [
    { url, headers: { ...trailer, authorization } },
    { url: `${url}?${query}`, headers: trailer },
  ];
}

async function put({ url, headers }: Put, bytes: Uint8Array): Promise<number> {
  const body = new Uint8Array(headers['x-amz-trailer'] ? withTrailer(bytes) : bytes);
  const length = { 'x-amz-decoded-content-length': String(bytes.length) };
  const all = headers['x-amz-trailer'] ? { ...headers, ...length } : { ...headers };
  const answer = await fetch(url, { method: 'PUT', headers: all, body });
  await answer.text();
  return answer.status;
}

/** The statuses of all ways. */
async function putAll(ways: readonly Put[], bytes: Uint8Array): Promise<number[]> {
  const statuses: number[] = [];
  for (const way of ways) statuses.push(await put(way, bytes));
  return statuses;
}

function withTrailer(bytes: Uint8Array): Buffer {
  const head = Buffer.from(`${bytes.length.toString(16)}\r\n`);
  const tail = Buffer.from(`\r\n0\r\nx-amz-checksum-crc32:${crc32Of(bytes)}\r\n\r\n`);
  return Buffer.concat([head, bytes, tail]);
}

function crc32Of(bytes: Uint8Array): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(Bun.hash.crc32(bytes));
  return sum.toString('base64');
}

/** Gives it the versitygw that the environment names, or one of its own. Throws LeftOut where there is none. */
async function withVersitygw<T>(
  parent: string,
  use: (endpoint: string, accessKey: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(parent, 'versitygw-'));
  const given = versitygw.variables.every((name) => process.env[name]);
  const started = given
    ? undefined
    : await versitygw.start(folder).catch((error: Error) => {
        throw new LeftOut(`the core refuses them; no versitygw is there: ${error.message}`);
      });
  const { DEMETER_TEST_VERSITYGW_ENDPOINT, DEMETER_TEST_VERSITYGW_ACCESS_KEY } = {
    ...process.env,
    ...started?.variables,
  };
  try {
    return await use(DEMETER_TEST_VERSITYGW_ENDPOINT!, DEMETER_TEST_VERSITYGW_ACCESS_KEY!);
  } finally {
    await started?.stop();
  }
}

/**
 * What the centre can promise whatever its store does: a forged put never becomes a photo, and
 * a grant is good for its own bytes only. That the store itself answers 403 is a matter of its
 * make: versitygw does, the MinIO that can be had takes what a query "signs".
 */
export const forgedPut: EdgeCase = {
  number: 39,
  title: 'forged puts with unsigned trailers: never a photo at the centre; 403 from versitygw',
  seconds: 15,
  run: async (system, { seed }) => {
    const camera = await Camera.create(seed);
    const box = await system.honestBox();
    await camera.shoot(box);
    await box.drained();
    const thief = await EnrolledBox.create(system, 'forger');
    const token = await thief.token();
    const photo = camera.take();
    // As long as the photo, so that no length gives it away.
    const other = Uint8Array.from(photo, (byte, at) => (at === photo.length - 3 ? byte ^ 1 : byte));
    camera.forget(photo);

    const granted = await call(system, 'POST', '/edge/grants', { token, body: grantBody(photo) });
    const { grant, key } = JSON.parse(granted.text) as { grant: Put; key: string };
    const url = new URL(grant.url, system.coreUrl).href;
    const stripped = Object.fromEntries(
      Object.entries(grant.headers).filter(([name]) => !/checksum|none-match|size/.test(name)),
    );
    const trailer = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };
    const byGrant = {
      'other bytes': await put({ url, headers: grant.headers }, other),
      'without its checksum': await put({ url, headers: stripped }, other),
      'with an unsigned trailer': await put(
        { url, headers: { ...grant.headers, ...trailer } },
        other,
      ),
    };
    for (const [what, status] of Object.entries(byGrant)) {
      must(status >= 400 && status < 500, `a grant used for ${what} is answered with ${status}`);
    }

    const { endpoint, accessKey } = system.servers.s3;
    const stores: Record<string, number[]> = {
      minio: await putAll(unsigned(endpoint, system.originalsBucket, key, accessKey), other),
    };
    const registration = await call(system, 'POST', '/edge/photos', {
      token,
      body: registrationBody(photo),
    });
    const refused = registration.status === 422 || registration.status === 409;
    must(refused, `bytes that were forged into the inbox are registered: ${registration.status}`);
    must((await system.atCentre(hashOf(photo))) === undefined, 'a forged photo is at the centre');

    // Another make of store, as one may put in MinIO's place.
    const name = createHash('sha256').update(key).digest('hex').slice(0, 20);
    stores.versitygw = await withVersitygw(system.folder, (endpoint, accessKey) =>
      putAll(unsigned(endpoint, name, key, accessKey), other),
    );
    const allRefused = stores.versitygw.every((status) => status === 403);
    must(allRefused, `versitygw answers forged puts with ${stores.versitygw}`);
    const ledger = await requireLedger(system, camera, box);
    return { by_grant: byGrant, store_answers: stores, ...ledger };
  },
};
