import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from '../statistics.ts';
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

/** One client's accepts and bare writes, in turn: milliseconds of each. */
export async function acceptOne(
  edge: RunningEdge,
  folder: string,
  makePhoto: MakePhoto,
  pairs: number,
) {
  const accepted: number[] = [];
  const bare: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const photo = makePhoto();
    const turns = [
      async () => accepted.push(await accept(edge, photo)),
      async () => bare.push(await bareWrite(folder, photo)),
    ];
    for (const turn of pair % 2 === 0 ? turns : turns.reverse()) {
      await turn();
      await settled(edge, 'spooled');
    }
  }
  return { accepted: median(accepted), bare: median(bare) };
}

const CLIENTS = 8;
/** Photos of each client in a round. */
const EACH = 4;

/** Eight clients at once and eight bare writers at once, in turn: photos a second of each. */
export async function acceptEight(
  edge: RunningEdge,
  folder: string,
  makePhoto: MakePhoto,
  rounds: number,
) {
  const accepted: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const photos = Array.from({ length: CLIENTS * EACH }, makePhoto);
    accepted.push(await perSecond(photos, (photo) => accept(edge, photo)));
    await settled(edge, 'spooled');
    bare.push(await perSecond(photos, (photo) => bareWrite(folder, photo)));
  }
  return { accepted: median(accepted), bare: median(bare) };
}

async function perSecond(
  photos: readonly Uint8Array<ArrayBuffer>[],
  one: (photo: Uint8Array<ArrayBuffer>) => Promise<unknown>,
): Promise<number> {
  const waiting = [...photos];
  const began = performance.now();
  const clients = Array.from({ length: CLIENTS }, async () => {
    for (let photo = waiting.pop(); photo; photo = waiting.pop()) await one(photo);
  });
  await Promise.all(clients);
  return photos.length / ((performance.now() - began) / 1000);
}
