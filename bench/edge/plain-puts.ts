import { createHash } from 'node:crypto';
import type { S3ObjectStore } from '@demeter/common/object-store/s3';
import type { MakePhoto } from './accepting.ts';

/** Loops that put bytes they have under `plain/`, as many at once as a box sends. */
export interface PlainPuts {
  /** Not timed: those of a program that has just started. */
  readonly first: number;
  readonly photos: number;
  readonly concurrency: number;
}

type Put = () => Promise<unknown>;

/** Seconds of an S3 client that signs each of its requests. */
export async function putByClient(
  store: S3ObjectStore,
  makePhoto: MakePhoto,
  loop: PlainPuts,
): Promise<number> {
  return await timed(loop, async () => {
    const { bytes, facts, key } = makeObject(makePhoto);
    return () => store.put(key, { bytes }, facts);
  });
}

/** Seconds with links made ahead, like a centre's grants, and Bun's `fetch`. */
export async function putByLink(
  store: S3ObjectStore,
  makePhoto: MakePhoto,
  loop: PlainPuts,
): Promise<number> {
  return await timed(loop, async () => {
    const { bytes, facts, key } = makeObject(makePhoto);
    const link = await store.grantPut(key, { ...facts, expiresInSeconds: 600 });
    if (!link) throw new Error('this store gives no links');
    return async () => {
      const answer = await fetch(link.url, { method: 'PUT', headers: link.headers, body: bytes });
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`the store says ${answer.status}`);
    };
  });
}

function makeObject(makePhoto: MakePhoto) {
  const bytes = Buffer.from(makePhoto().buffer);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const facts = { sha256, sizeBytes: bytes.length, mediaType: 'image/jpeg' };
  return { bytes, facts, key: `plain/${sha256}` };
}

async function timed(
  { first, photos, concurrency }: PlainPuts,
  make: () => Promise<Put>,
): Promise<number> {
  const waiting = await Promise.all(Array.from({ length: first + photos }, make));
  let stored = 0;
  let began = 0;
  const loops = Array.from({ length: concurrency }, async () => {
    for (let put = waiting.pop(); put; put = waiting.pop()) {
      await put();
      if (++stored === first) began = performance.now();
    }
  });
  await Promise.all(loops);
  return (performance.now() - began) / 1000;
}
