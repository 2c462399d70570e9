import { must } from '../fault-case.ts';
import { until } from '../until.ts';
import { Camera } from './camera.ts';
import { DEAD_LINK, type EdgeCase } from './edge-case.ts';
import { requireLedger } from './ledger.ts';

const QUOTA_BYTES = 3_000_000;
const ROUNDS = 4;

export const quota: EdgeCase = {
  number: 5,
  title: 'the quota at 80, 90, 95 and 98 %: warned, confirmed copies go, unsent ones never',
  seconds: 90,
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
      must((await box.metric('demeter_edge_evicted_total')) === 0, 'unsent photos are evicted');
      for (const [hash] of camera.acknowledged) {
        const held = box.spooled(hash) ?? (await system.atCentre(hash))?.bytes;
        must(held !== undefined, `${hash} is gone from a full box`);
      }
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
    }
    await box.start();
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    return { refused, fullness_seen: [...seen], evicted_at_last: evicted, ...ledger };
  },
};
