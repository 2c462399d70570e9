import { Database } from 'bun:sqlite';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@demeter/common/ids';
import { S3ObjectStore } from '@demeter/common/object-store/s3';
import { median } from '../statistics.ts';
import type { MakePhoto } from './accepting.ts';
import { startCentre } from './centre.ts';
import { PHOTO_BYTES } from './photos.ts';
import { accept, startEdge } from './running-edge.ts';

/** As many at once as the edge sends at most. */
const CONCURRENCY = 4;
/** Those before the clock starts: a box that has just started is not what is measured. */
const FIRST = 40;
const PHOTOS = 80;

/**
 * Megabytes a second from the box's own store to the centre's, and those of a plain loop of puts
 * into the same server, in turn; null without a server (DEMETER_TEST_S3_ENDPOINT and its keys).
 */
export async function forwarding(folder: string, makePhoto: MakePhoto, rounds: number) {
  const endpoint = process.env.DEMETER_TEST_S3_ENDPOINT;
  const accessKey = process.env.DEMETER_TEST_S3_ACCESS_KEY ?? '';
  const secretKey = process.env.DEMETER_TEST_S3_SECRET_KEY ?? '';
  if (endpoint === undefined) return null;
  const bucket = `bench-${newId()}`;
  const access = { endpoint, bucket, accessKey, secretKey };
  const store = new S3ObjectStore({ ...access, publicEndpoint: endpoint });
  await store.init();
  const centre = startCentre(store);
  const own = {
    DEMETER_EDGE_STORE_ENDPOINT: endpoint,
    DEMETER_EDGE_STORE_BUCKET: bucket,
    DEMETER_EDGE_STORE_ACCESS_KEY: accessKey,
    DEMETER_EDGE_STORE_SECRET_KEY: secretKey,
    DEMETER_EDGE_FORWARD_CONCURRENCY: String(CONCURRENCY),
  };
  const forwarded: number[] = [];
  const plain: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const data = join(folder, `forward-${round}`);
      await prepare(data, own, makePhoto);
      plain.push(await putLoop(store, makePhoto));
      const stored = centre.stored(FIRST, PHOTOS);
      const edge = await startEdge(data, { ...own, ...centre.env });
      forwarded.push((PHOTOS * PHOTO_BYTES) / 1e6 / (await stored));
      await edge.stop();
      rmSync(data, { recursive: true, force: true });
    }
  } finally {
    centre.stop();
    for await (const key of store.list('')) await store.remove(key);
  }
  const ratios = forwarded.map((speed, round) => speed / (plain[round] as number));
  return { forwarded: median(forwarded), plain: median(plain), ratio: median(ratios) };
}

/** A box whose photos lie judged in its own store, and nowhere else. */
async function prepare(
  data: string,
  env: Readonly<Record<string, string>>,
  makePhoto: MakePhoto,
): Promise<void> {
  const edge = await startEdge(data, env);
  for (let sent = 0; sent < FIRST + PHOTOS; sent++) await accept(edge, makePhoto());
  const waiting = () => {
    const journal = new Database(join(data, 'journal.sqlite'), { readonly: true });
    const row = journal
      .query("SELECT count(*) AS n FROM photos WHERE buffered_at IS NULL OR state = 'spooled'")
      .get() as { n: number };
    journal.close();
    return row.n;
  };
  while (waiting() > 0) await Bun.sleep(100);
  await edge.stop();
  const journal = new Database(join(data, 'journal.sqlite'));
  const rows = journal.query('SELECT sha256 FROM photos').all() as { sha256: string }[];
  for (const { sha256 } of rows) rmSync(join(data, 'spool', sha256.slice(0, 2), sha256));
  journal.run('UPDATE photos SET in_spool = 0');
  journal.close();
}

async function putLoop(store: S3ObjectStore, makePhoto: MakePhoto): Promise<number> {
  const photos = Array.from({ length: FIRST + PHOTOS }, () => {
    const bytes = Buffer.from(makePhoto());
    return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
  const waiting = [...photos];
  let stored = 0;
  let began = 0;
  const loops = Array.from({ length: CONCURRENCY }, async () => {
    for (let photo = waiting.pop(); photo; photo = waiting.pop()) {
      const facts = { sha256: photo.sha256, sizeBytes: PHOTO_BYTES, mediaType: 'image/jpeg' };
      await store.put(`plain/${photo.sha256}`, { bytes: photo.bytes }, facts);
      if (++stored === FIRST) began = performance.now();
    }
  });
  await Promise.all(loops);
  return (PHOTOS * PHOTO_BYTES) / 1e6 / ((performance.now() - began) / 1000);
}
