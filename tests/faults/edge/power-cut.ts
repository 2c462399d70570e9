import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { S3ObjectStore } from '@demeter/common/object-store/s3';
import { must, seededRandom } from '../fault-case.ts';
import { until } from '../until.ts';
import type { EdgeBox } from './box.ts';
import { Camera, hashOf } from './camera.ts';
import { DEAD_LINK, type EdgeCase, requireSoundJournal, Starts, withJournal } from './edge-case.ts';
import type { EdgeSystem } from './edge-system.ts';
import { ACCEPT_STEPS, shootUntilDead } from './kill.ts';
import { requireLedger } from './ledger.ts';
import { LocalMinio } from './local-minio.ts';
import { LoopDisk } from './loop-disk.ts';

const CUTS = 50;
/** Of power cuts at a step, and of those under load. */
const QUICK_CUTS = { atSteps: 2, underLoad: 1 } as const;
const CAMERAS = 4;
/** A cut falls somewhere in the first photos. */
const CUT_MS_MAX = 1_500;
const SHOT_PAUSE_MS = 100;

function newDisk(system: EdgeSystem, megabytes: number): LoopDisk {
  return LoopDisk.create(mkdtempSync(join(system.folder, 'power-')), { megabytes });
}

/** In half of the rounds nothing can have reached the centre. */
function linkOf(random: () => number): Readonly<Record<string, string>> {
  return random() < 0.5 ? DEAD_LINK : {};
}

export const unsyncedDrop: EdgeCase = {
  number: 2,
  title:
    'power cut at each step of an accept, 50 in all: unsynced bytes are gone, the ledger holds',
  seconds: 240,
  run: async (system, { seed, quick }) => {
    const random = seededRandom(seed);
    const camera = await Camera.create(seed);
    await using disk = newDisk(system, 256);
    const box = await system.box('unsynced', { data: join(disk.path, 'data') });
    const starts = new Starts(quick);
    const cuts = quick ? QUICK_CUTS.atSteps : CUTS;
    const offset = Math.floor(random() * ACCEPT_STEPS.length);
    let reaped = 0;
    for (let number = 0; number < cuts; number++) {
      const step = ACCEPT_STEPS[(offset + number) % ACCEPT_STEPS.length]!;
      const count = 1 + Math.floor(random() * 4);
      starts.add(await box.start({ killAt: { step, count }, env: linkOf(random) }));
      await shootUntilDead(camera, box, step);
      disk.cutPower();
      await disk.powerUp();
      requireSoundJournal(box.data);
      reaped += readdirSync(join(box.data, 'tmp')).length;
    }
    starts.add(await box.start());
    must(readdirSync(join(box.data, 'tmp')).length === 0, 'what was half received is removed');
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    return { cuts, temporary_files_found: reaped, ...ledger, ...starts.detail };
  },
};

export const hardOff: EdgeCase = {
  number: 3,
  title: 'hard off under load, 50 times, MinIO on the same disk: the ledger and both journals hold',
  seconds: 500,
  run: async (system, { seed, quick }) => {
    const random = seededRandom(seed);
    await using disk = newDisk(system, 1024);
    mkdirSync(join(disk.path, 'minio'));
    await using store = new LocalMinio(join(disk.path, 'minio'));
    const box = await system.box('hard-off', { data: join(disk.path, 'data') });
    const cameras = await Promise.all(
      Array.from({ length: CAMERAS }, (_, index) => Camera.create(seed, `camera-${index}`)),
    );
    const starts = new Starts(quick);
    const cuts = quick ? QUICK_CUTS.underLoad : CUTS;
    let copies = 0;
    for (let number = 0; number < cuts; number++) {
      await store.start();
      starts.add(await box.start({ env: { ...store.settings, ...linkOf(random) } }));
      copies = await requireCopies(box, store);
      const { url } = box;
      const off = new AbortController();
      const shooting = cameras.map(async (camera) => {
        while (!off.signal.aborted) {
          await camera.shoot({ url });
          await Bun.sleep(SHOT_PAUSE_MS);
        }
      });
      // In every other round, the last among them, copies in the local store are cut, too.
      if ((cuts - number) % 2 === 1) await untilCopied(store, copies);
      await Bun.sleep(random() * CUT_MS_MAX);
      disk.cutPower();
      off.abort();
      await box.kill();
      await store.kill();
      await Promise.all(shooting);
      await disk.powerUp();
      requireSoundJournal(box.data);
    }
    await store.start();
    starts.add(await box.start({ env: store.settings }));
    copies = await requireCopies(box, store);
    const ledgers: Record<string, number>[] = [];
    for (const camera of cameras) ledgers.push(await requireLedger(system, camera, box));
    await box.stop();
    const acknowledged = ledgers.reduce((sum, ledger) => sum + ledger.acknowledged!, 0);
    return { cuts, acknowledged, copies_looked_at: copies, ...starts.detail };
  },
};

async function untilCopied(store: LocalMinio, more: number): Promise<void> {
  const objects = new S3ObjectStore(store.access);
  await until('photos are copied to the local store', async () => {
    const keys = await Array.fromAsync(objects.list('photos/'));
    return keys.length > more;
  });
}

/** What the journal calls copied to the local store is there, byte for byte. Answers how many. */
async function requireCopies(box: EdgeBox, store: LocalMinio): Promise<number> {
  const rows = withJournal(
    box.data,
    (journal) =>
      journal.query('SELECT sha256 FROM photos WHERE buffered_at IS NOT NULL').all() as {
        sha256: unknown;
      }[],
  );
  const objects = new S3ObjectStore({ ...store.access, timeoutMs: 20_000 });
  for (const { sha256 } of rows) {
    const hash =
      sha256 instanceof Uint8Array ? Buffer.from(sha256).toString('hex') : String(sha256);
    const { stream } = await objects.get(`photos/${hash.slice(0, 2)}/${hash}`);
    const bytes = await new Response(stream).bytes();
    must(hashOf(bytes) === hash, `the copy of ${hash} in the local store has other bytes`);
  }
  return rows.length;
}
