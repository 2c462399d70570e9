import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@demeter/common/ids';
import { S3ObjectStore } from '@demeter/common/object-store/s3';
import { median } from '../statistics.ts';
import type { MakePhoto } from './accepting.ts';
import { cloneBox, fillBox, loseSpool } from './backlog-box.ts';
import { type Centre, startCentre } from './centre.ts';
import { PHOTO_BYTES } from './photos.ts';
import { startEdge } from './running-edge.ts';

/** As many at once as the edge sends at most. */
const CONCURRENCY = 4;
/** Those before the clock starts: a box that has just started is not what is measured. */
const FIRST = 60;
const PHOTOS = 160;
/** Many times what a slow machine takes. */
const SEND_MS_MAX = 300_000;
const MEGABYTES = (PHOTOS * PHOTO_BYTES) / 1e6;

/** Megabytes a second, and those ÷ the mean of the plain loops right before and after; medians. */
export interface Sent {
  readonly speed: number;
  readonly ratio: number;
}

export interface Forwarded {
  /** A box as it is: what is not sent yet lies in its spool, with a copy in its MinIO. */
  readonly box: Sent;
  /** One that lost its spool and sends the copies, in the same MinIO as the centre's photos. */
  readonly copies: Sent;
  readonly plainSpeed: number;
}

/**
 * From a box's files, which the system still holds in memory, to the receipts of a centre, beside a
 * plain loop that puts bytes it has into the same server, by the same kind of request and with as
 * many at once; null without a server (DEMETER_TEST_S3_ENDPOINT and its keys).
 */
export async function forwarding(
  folder: string,
  makePhoto: MakePhoto,
  rounds: number,
): Promise<Forwarded | null> {
  const endpoint = process.env.DEMETER_TEST_S3_ENDPOINT;
  const accessKey = process.env.DEMETER_TEST_S3_ACCESS_KEY ?? '';
  const secretKey = process.env.DEMETER_TEST_S3_SECRET_KEY ?? '';
  if (endpoint === undefined) return null;
  const bucket = `bench-${newId()}`;
  const access = { endpoint, bucket, accessKey, secretKey };
  const store = new S3ObjectStore({ ...access, publicEndpoint: endpoint });
  await store.init();
  const centre = startCentre(store);
  const alone = {
    DEMETER_EDGE_STORE_ENDPOINT: endpoint,
    DEMETER_EDGE_STORE_BUCKET: bucket,
    DEMETER_EDGE_STORE_ACCESS_KEY: accessKey,
    DEMETER_EDGE_STORE_SECRET_KEY: secretKey,
    DEMETER_EDGE_FORWARD_CONCURRENCY: String(CONCURRENCY),
  };
  const [box, copies] = [join(folder, 'box'), join(folder, 'copies')];
  const seen = { box: [] as Sent[], copies: [] as Sent[], plain: [] as number[] };
  try {
    const photos = await fillBox(box, alone, FIRST + PHOTOS, makePhoto);
    cloneBox({ from: box, to: copies });
    loseSpool(copies);
    const plain = async () => {
      const seconds = await putLoop(store, makePhoto);
      await clear(store, 'plain/');
      return seconds;
    };
    let before = await plain();
    for (let round = 0; round < rounds; round++) {
      for (const from of ['box', 'copies'] as const) {
        const data = join(folder, 'sending');
        cloneBox({ from: from === 'box' ? box : copies, to: data });
        const seconds = await sendAll(data, { ...alone, ...centre.env }, centre, photos);
        await clear(store, 'inbox/');
        rmSync(data, { recursive: true });
        const after = await plain();
        const beside = (before + after) / 2;
        seen[from].push({ speed: MEGABYTES / seconds, ratio: beside / seconds });
        seen.plain.push(MEGABYTES / beside);
        before = after;
      }
    }
  } finally {
    centre.stop();
    await clear(store, '');
  }
  return {
    box: medians(seen.box),
    copies: medians(seen.copies),
    plainSpeed: median(seen.plain),
  };
}

/** Seconds for the photos that count. */
async function sendAll(
  data: string,
  env: Readonly<Record<string, string>>,
  centre: Centre,
  photos: readonly string[],
): Promise<number> {
  await centre.expect(photos.map((sha256) => ({ sha256, size_bytes: PHOTO_BYTES })));
  const stored = centre.stored(FIRST, PHOTOS);
  const edge = await startEdge(data, env);
  try {
    const late = Bun.sleep(SEND_MS_MAX).then(() => {
      throw new Error(`not all was sent in ${SEND_MS_MAX} ms: ${data}.log`);
    });
    return await Promise.race([stored, late]);
  } finally {
    await edge.stop();
  }
}

/** Seconds for as many, after as many first ones; with links like those of grants, made ahead. */
async function putLoop(store: S3ObjectStore, makePhoto: MakePhoto): Promise<number> {
  const make = async () => {
    const bytes = makePhoto();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const facts = { sha256, sizeBytes: bytes.length, mediaType: 'image/jpeg' };
    const grant = await store.grantPut(`plain/${sha256}`, { ...facts, expiresInSeconds: 600 });
    if (!grant) throw new Error('this store gives no links');
    return { bytes, grant };
  };
  const waiting = await Promise.all(Array.from({ length: FIRST + PHOTOS }, make));
  let stored = 0;
  let began = 0;
  const loops = Array.from({ length: CONCURRENCY }, async () => {
    for (let photo = waiting.pop(); photo; photo = waiting.pop()) {
      const { url, headers } = photo.grant;
      const answer = await fetch(url, { method: 'PUT', headers, body: photo.bytes });
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`the store says ${answer.status}`);
      if (++stored === FIRST) began = performance.now();
    }
  });
  await Promise.all(loops);
  return (performance.now() - began) / 1000;
}

async function clear(store: S3ObjectStore, prefix: string): Promise<void> {
  for await (const key of store.list(prefix)) await store.remove(key);
}

function medians(sent: readonly Sent[]): Sent {
  return {
    speed: median(sent.map(({ speed }) => speed)),
    ratio: median(sent.map(({ ratio }) => ratio)),
  };
}
