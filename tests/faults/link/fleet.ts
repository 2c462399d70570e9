import type { EdgeBox } from '../edge/box.ts';
import { Camera } from '../edge/camera.ts';
import { requireLedger } from '../edge/ledger.ts';
import { must } from '../fault-case.ts';
import type { LinkCase, LinkSystem } from './link-system.ts';
import { Meddler } from './meddler.ts';

const BOXES = 20;
const QUICK_BOXES = 2;
const PHOTOS = 5;
const QUICK_PHOTOS = 2;
/**
 * Boxes ask again at any moment of the next quarter of the time that the core has been away, so
 * that they come back within a quarter of an outage. After a minute that is a quarter of a minute:
 * more than half of twenty boxes within one second then come 3 times in 10,000 by chance alone,
 * after 25 seconds one time in ten.
 */
const AWAY_MS = 60_000;
/** Long enough for every box to have noticed; a slice says nothing of how they are spread. */
const QUICK_AWAY_MS = 3_000;
const STARTED_AT_ONCE = 4;
const PROBE_MS = 100;
/** Of the core's answers to others while the fleet comes back, on a machine that runs all of it. */
const P95_MS_MAX = 2_000;
/** Of the boxes, in any second. */
const HERD_SHARE_MAX = 0.5;

interface Member {
  readonly box: EdgeBox;
  readonly camera: Camera;
  readonly line: Meddler;
}

export const fleet: LinkCase = {
  number: 20,
  title: 'a fleet of 20 boxes whose core comes back: they return spread out, the core stays quick',
  seconds: 120,
  run: async (system, { seed, quick }) => {
    await system.mend();
    const members: Member[] = [];
    const waiting = Array.from({ length: quick ? QUICK_BOXES : BOXES }, (_, index) => index);
    const add = async () => {
      for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
        const line = await Meddler.listen(system.coreUrl);
        const settings = { DEMETER_EDGE_CORE_URL: line.url };
        const box = await system.box(`fleet-${index}`, { settings });
        await box.start();
        members.push({ box, line, camera: await Camera.create(seed, `fleet-${index}`) });
      }
    };
    await Promise.all(Array.from({ length: STARTED_AT_ONCE }, add));
    await system.kill('core');
    await Promise.all(
      members.map(async ({ box, camera }) => {
        for (let photo = 0; photo < (quick ? QUICK_PHOTOS : PHOTOS); photo++)
          await camera.shoot(box);
      }),
    );
    await Bun.sleep(quick ? QUICK_AWAY_MS : AWAY_MS);
    const launched = performance.now();
    await system.launch('core');
    const over = new AbortController();
    const probes = probe(system, over.signal);
    await Promise.all(members.map(({ box }) => box.drained()));
    over.abort();
    const times = (await probes).sort((a, b) => a - b);
    const p95 = times[Math.floor(times.length * 0.95)] ?? 0;
    must(quick || p95 <= P95_MS_MAX, `the core answers others within ${p95.toFixed(0)} ms (p95)`);
    // A box is back when it is first answered, which may be before the core has said that it is.
    const firsts = members.map(({ line }) => line.answers.find((at) => at >= launched)! - launched);
    const herd = Math.max(...firsts.map((at) => inSecondFrom(at, firsts))) / members.length;
    must(quick || herd <= HERD_SHARE_MAX, `${Math.round(herd * 100)} % of the boxes came at once`);
    let acknowledged = 0;
    for (const { box, camera, line } of members) {
      const ledger = await requireLedger(system, camera, box);
      acknowledged += ledger.acknowledged!;
      await box.stop();
      line.stop();
    }
    return {
      boxes: members.length,
      first_after_s: firsts.map((ms) => Number((ms / 1000).toFixed(1))).sort((a, b) => a - b),
      most_in_one_second: Math.round(herd * members.length),
      core_p95_ms: Math.round(p95),
      acknowledged,
    };
  },
};

function inSecondFrom(from: number, times: readonly number[]): number {
  return times.filter((at) => at >= from && at < from + 1_000).length;
}

/** How long the core takes to answer somebody else, again and again. */
async function probe({ coreUrl, adminToken }: LinkSystem, signal: AbortSignal): Promise<number[]> {
  // Strangers at one address are soon held back, and boxes behind it with them.
  const headers = { authorization: `Bearer ${adminToken}` };
  const times: number[] = [];
  while (!signal.aborted) {
    const started = performance.now();
    await fetch(`${coreUrl}/api/v1/auth/me`, { headers }).then(
      (answer) => answer.text(),
      () => '',
    );
    times.push(performance.now() - started);
    await Bun.sleep(PROBE_MS);
  }
  return times;
}
