import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@demeter/common/ids';
import { S3ObjectStore } from '@demeter/common/object-store/s3';
import { median } from '../statistics.ts';
import type { MakePhoto } from './accepting.ts';
import { cloneBox, fillBox, loseSpool } from './backlog-box.ts';
import { type Centre, startCentre } from './centre.ts';
import { PHOTO_BYTES } from './photos.ts';
import { putByClient, putByLink } from './plain-puts.ts';
import { startEdge } from './running-edge.ts';

/** As many at once as the edge sends at most. */
const CONCURRENCY = 4;
/** Those before the clock starts: a box that has just started is not what is measured. */
const FIRST = 240;
const PHOTOS = 160;
/** Many times what a slow machine takes. */
const SEND_MS_MAX = 300_000;
const MEGABYTES = (PHOTOS * PHOTO_BYTES) / 1e6;

/** Megabytes a second, and those ÷ the mean of the plain loops right before and after; medians. */
export interface Sent {
  readonly speed: number;
  /** Beside an S3 client that signs each of its puts. */
  readonly ratio: number;
  /** Beside `fetch` with links made ahead. */
  readonly ratioByLink: number;
}

export interface Forwarded {
  /** A box as it is: what is not sent yet lies in its spool, with a copy in its MinIO. */
  readonly box: Sent;
  /** One that lost its spool and sends the copies, in the same MinIO as the centre's photos. */
  readonly copies: Sent;
  readonly clientSpeed: number;
  readonly linkSpeed: number;
}

/**
 * From a box's files, which the system still holds in memory, to the receipts of a centre, beside
 * plain loops that put bytes they have into the same server, as many at once; null without a server
 * (DEMETER_TEST_S3_ENDPOINT and its keys).
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
  const seen = { box: [] as Sent[], copies: [] as Sent[] };
  const plain = { client: [] as number[], link: [] as number[] };
  try {
    const photos = await fillBox(box, alone, FIRST + PHOTOS, makePhoto);
    cloneBox({ from: box, to: copies });
    loseSpool(copies);
    const loop = { first: FIRST, photos: PHOTOS, concurrency: CONCURRENCY };
    const putPlainly = async () => {
      const client = await putByClient(store, makePhoto, loop);
      await clear(store, 'plain/');
      const link = await putByLink(store, makePhoto, loop);
      await clear(store, 'plain/');
      return { client, link };
    };
    let before = await putPlainly();
    for (let round = 0; round < rounds; round++) {
      for (const from of ['box', 'copies'] as const) {
        const data = join(folder, 'sending');
        cloneBox({ from: from === 'box' ? box : copies, to: data });
        const seconds = await sendAll(data, { ...alone, ...centre.env }, centre, photos);
        await clear(store, 'inbox/');
        rmSync(data, { recursive: true });
        const after = await putPlainly();
        const client = (before.client + after.client) / 2;
        const link = (before.link + after.link) / 2;
        seen[from].push({
          speed: MEGABYTES / seconds,
          ratio: client / seconds,
          ratioByLink: link / seconds,
        });
        plain.client.push(MEGABYTES / client);
        plain.link.push(MEGABYTES / link);
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
    clientSpeed: median(plain.client),
    linkSpeed: median(plain.link),
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
    const late = new Promise<never>((_, reject) => {
      const sentence = `not all was sent in ${SEND_MS_MAX} ms: ${data}.log`;
      setTimeout(() => reject(new Error(sentence)), SEND_MS_MAX).unref();
    });
    return await Promise.race([stored, late]);
  } finally {
    await edge.stop();
  }
}

async function clear(store: S3ObjectStore, prefix: string): Promise<void> {
  for await (const key of store.list(prefix)) await store.remove(key);
}

function medians(sent: readonly Sent[]): Sent {
  return {
    speed: median(sent.map(({ speed }) => speed)),
    ratio: median(sent.map(({ ratio }) => ratio)),
    ratioByLink: median(sent.map(({ ratioByLink }) => ratioByLink)),
  };
}
