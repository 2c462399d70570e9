import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { S3ObjectStore } from '@demeter/common/object-store/s3';
import { type Detail, must } from '../fault-case.ts';
import { until } from '../until.ts';
import type { EdgeBox } from './box.ts';
import { Camera } from './camera.ts';
import { DEAD_LINK, type EdgeCase, withJournal } from './edge-case.ts';
import type { EdgeSystem } from './edge-system.ts';
import { requireLedger } from './ledger.ts';
import { LocalMinio } from './local-minio.ts';

/** Two or three photos fit between two of its levels. */
const QUOTA_BYTES = 6_000_000;
const ROUNDS = 4;
/** The box makes copies and room every five seconds. */
const UPKEEP_MS = 12_000;

export const quota: EdgeCase = {
  number: 5,
  title: 'the quota at 80, 90, 95 and 98 %: warned, confirmed copies go, unsent ones never',
  seconds: 150,
  run: async (system, { seed, quick }) => {
    const camera = await Camera.create(seed);
    const settings = { DEMETER_EDGE_BYTES_MAX: String(QUOTA_BYTES) };
    const box = await system.box('quota', { settings });
    const seen = new Set<string>();
    let refused = 0;
    let evicted = 0;
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      await box.start({ env: DEAD_LINK });
      for (let full = false; !full; ) {
        const answer = await camera.send(box, camera.take());
        const health = await box.health();
        const share = health.disk.held_bytes / QUOTA_BYTES;
        seen.add(health.disk.fullness);
        if (share >= 0.8) must(health.status !== 'healthy', `silent at ${share.toFixed(2)}`);
        full = answer?.status === 507;
        if (full) refused++;
      }
      // Later rounds begin with photos that the centre has.
      const gone = await box.metric('demeter_edge_evicted_total');
      must(round > 0 || gone === 0, 'unsent photos are evicted');
      for (const [hash] of camera.acknowledged) {
        const held = box.spooled(hash) ?? (await system.atCentre(hash))?.bytes;
        must(held !== undefined, `${hash} is gone from a full box`);
      }
      must(seen.has('warn') && seen.has('evict'), `levels were left out: ${[...seen]}`);
      await box.stop();
      // With the link comes room: what the centre has confirmed goes, oldest first.
      await box.start();
      await box.drained();
      await until('there is room again', async () => {
        evicted = await box.metric('demeter_edge_evicted_total');
        return evicted > 0 && (await box.health()).disk.held_bytes < 0.9 * QUOTA_BYTES;
      });
      await camera.sendKept(box);
      await box.stop();
      requireOldestGone(box);
    }
    await box.start();
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    const paused = quick ? {} : { paused: await copiesPause(system, seed) };
    return { refused, fullness_seen: [...seen], evicted_at_last: evicted, ...paused, ...ledger };
  },
};

/** Of the photos that the centre has confirmed, those went that it had confirmed first. */
function requireOldestGone({ data }: EdgeBox): void {
  const rows = withJournal(data, (journal) =>
    journal
      .query<{ state: string; verified_at: number }, []>(
        "SELECT state, verified_at FROM photos WHERE state IN ('verified', 'evicted')",
      )
      .all(),
  );
  const times = (wanted: string) =>
    rows.filter(({ state }) => state === wanted).map(({ verified_at }) => verified_at);
  const [newestGone, oldestHere] = [Math.max(...times('evicted')), Math.min(...times('verified'))];
  must(newestGone <= oldestHere, `${newestGone} is gone, and ${oldestHere} is here`);
}

/** From 95 % on the last room is for photos: copies for the local store stop, also amid many. */
async function copiesPause(system: EdgeSystem, seed: number): Promise<Detail> {
  const camera = await Camera.create(seed, 'paused');
  await using store = new LocalMinio(mkdtempSync(join(system.folder, 'paused-')));
  await store.start();
  const quotaBytes = 2 * QUOTA_BYTES;
  const settings = { ...store.settings, DEMETER_EDGE_BYTES_MAX: String(quotaBytes) };
  const box = await system.box('paused', { settings });
  await box.start({ env: DEAD_LINK });
  const share = async () => (await box.health()).disk.held_bytes / quotaBytes;
  // With a copy of each they would not fit.
  while ((await share()) < 0.6) must(await camera.shoot(box), 'there is room for photos');
  await until('copies are made', async () => (await share()) >= 0.95);
  await Bun.sleep(UPKEEP_MS);
  const full = await share();
  must(full < 0.98, `copies have filled the box to ${full.toFixed(2)}`);
  must(await camera.shoot(box), 'the last room is for photos');
  await Bun.sleep(UPKEEP_MS);
  const objects = new S3ObjectStore(store.access);
  const copies = await Array.fromAsync(objects.list('photos/'));
  const newest = [...camera.acknowledged.keys()].at(-1)!;
  must(!copies.some((key) => key.endsWith(newest)), 'a photo is copied above 95 %');
  await box.stop();
  await box.start();
  const ledger = await requireLedger(system, camera, box);
  await box.stop();
  return { copies: copies.length, filled_to: Number(full.toFixed(3)), ...ledger };
}
