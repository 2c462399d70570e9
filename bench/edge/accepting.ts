import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from '../statistics.ts';
import { Camera } from './camera.ts';
import { accept, type RunningEdge, settled } from './running-edge.ts';

export type MakePhoto = () => Uint8Array<ArrayBuffer>;

/** Milliseconds for the same bytes in a file of their own, flushed: the least a promise can cost. */
async function bareWrite(folder: string, photo: Uint8Array): Promise<number> {
  const path = join(folder, crypto.randomUUID());
  const began = performance.now();
  const handle = await open(path, 'wx');
  await handle.writeFile(photo);
  await handle.sync();
  await handle.close();
  const ms = performance.now() - began;
  await rm(path);
  return ms;
}

/** One client's accepts, those of Bun's `fetch`, and bare writes, in turn: milliseconds of each. */
export async function acceptOne(
  edge: RunningEdge,
  folder: string,
  makePhoto: MakePhoto,
  pairs: number,
) {
  const times = { accepted: [] as number[], fetched: [] as number[], bare: [] as number[] };
  const camera = new Camera(edge.url);
  for (let pair = 0; pair < pairs; pair++) {
    const turns = [
      async () => times.accepted.push(await camera.send(makePhoto())),
      async () => times.fetched.push(await accept(edge, makePhoto())),
      async () => times.bare.push(await bareWrite(folder, makePhoto())),
    ];
    for (const turn of pair % 2 === 0 ? turns : turns.reverse()) {
      await turn();
      await settled(edge, 'spooled');
    }
  }
  camera.close();
  const { accepted, fetched, bare } = times;
  return { accepted: median(accepted), fetched: median(fetched), bare: median(bare) };
}

const CLIENTS = 8;
/** Photos of each client in a round. */
const EACH = 8;

/** Eight clients at once and eight bare writers at once, in turn: photos a second of each. */
export async function acceptEight(
  edge: RunningEdge,
  folder: string,
  makePhoto: MakePhoto,
  rounds: number,
) {
  const accepted: number[] = [];
  const bare: number[] = [];
  const cameras = Array.from({ length: CLIENTS }, () => new Camera(edge.url));
  const senders = cameras.map((camera) => (photo: Uint8Array) => camera.send(photo));
  const writers = cameras.map(() => (photo: Uint8Array) => bareWrite(folder, photo));
  for (let round = 0; round < rounds; round++) {
    const photos = Array.from({ length: CLIENTS * EACH }, makePhoto);
    accepted.push(await perSecond(photos, senders));
    await settled(edge, 'spooled');
    bare.push(await perSecond(photos, writers));
  }
  for (const camera of cameras) camera.close();
  return { accepted: median(accepted), bare: median(bare) };
}

async function perSecond(
  photos: readonly Uint8Array[],
  clients: readonly ((photo: Uint8Array) => Promise<unknown>)[],
): Promise<number> {
  const waiting = [...photos];
  const began = performance.now();
  const loops = clients.map(async (one) => {
    for (let photo = waiting.pop(); photo; photo = waiting.pop()) await one(photo);
  });
  await Promise.all(loops);
  return photos.length / ((performance.now() - began) / 1000);
}
