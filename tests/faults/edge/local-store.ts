import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { S3ObjectStore } from '@demeter/common/object-store/s3';
import { must } from '../fault-case.ts';
import { until } from '../until.ts';
import type { EdgeBox } from './box.ts';
import { Camera } from './camera.ts';
import { DEAD_LINK, type EdgeCase } from './edge-case.ts';
import { requireLedger } from './ledger.ts';
import { LocalMinio } from './local-minio.ts';

const ROUNDS = 8;
const PHOTOS = 4;

export const localStore: EdgeCase = {
  number: 8,
  title: 'the MinIO of the box killed, wiped and started again: photos are taken, none is lost',
  seconds: 180,
  run: async (system, { seed, quick }) => {
    const camera = await Camera.create(seed);
    await using store = new LocalMinio(mkdtempSync(join(system.folder, 'store-')));
    const box = await system.box('store', { settings: store.settings });
    let copies = 0;
    const rounds = quick ? 1 : ROUNDS;
    for (let round = 0; round < rounds; round++) {
      await store.start();
      // Nothing leaves the box: what the store loses can only come from the spool.
      await box.start({ env: DEAD_LINK });
      await shoot(camera, box);
      copies = await untilCopied(store, camera);
      await store.kill();
      await shoot(camera, box);
      rmSync(store.folder, { recursive: true, force: true });
      await store.start();
      await shoot(camera, box);
      if (round % 2 === 0) await box.kill();
      else await box.stop();
      await store.kill();
      // In every other round it is empty when the box comes back, too.
      if (round % 2 === 0) rmSync(store.folder, { recursive: true, force: true });
    }
    await store.start();
    await box.start();
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    const wiped = rounds + Math.ceil(rounds / 2);
    return { kills: 2 * rounds, wiped, copies_seen: copies, ...ledger };
  },
};

async function shoot(camera: Camera, box: EdgeBox): Promise<void> {
  for (let photo = 0; photo < PHOTOS; photo++) {
    must(await camera.shoot(box), 'photos are taken whatever the store does');
  }
}

/** Copies may be there of some photos only, where the store was wiped before. */
async function untilCopied(store: LocalMinio, camera: Camera): Promise<number> {
  const objects = new S3ObjectStore(store.access);
  const newest = [...camera.acknowledged.keys()].slice(-PHOTOS);
  let keys: string[] = [];
  await until('the newest photos are copied to the store', async () => {
    keys = await Array.fromAsync(objects.list('photos/'));
    return newest.every((hash) => keys.some((key) => key.endsWith(hash)));
  });
  return keys.length;
}
