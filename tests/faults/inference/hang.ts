import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../fault-case.ts';
import { Load } from '../load.ts';
import type { MeshSystem } from '../mesh-system.ts';
import { anyServer, type MeshCase, Recoveries, repeat, whoMade } from './mesh-case.ts';

const SERVERS = 2;
/** Of a photo at a server: so that it is elsewhere within 10 s. */
const DEADLINE_SECONDS = 6;
/** Long enough for five photos to overrun their deadline, three at a time. */
const HANG_SECONDS = 60;

/** A process that neither works nor ends: found by unanswered pings. */
export const stop: MeshCase = {
  number: 26,
  title: 'SIGSTOP and a hung inference: pings, deadline and breaker; requeued within 10 s',
  seconds: 120,
  run: async (system, { seed, seconds, quick }) => {
    const started = performance.now();
    const hung = seconds >= 60 ? await hangInference(system, seed) : {};
    const random = seededRandom(seed);
    await system.deploy({ count: SERVERS });
    await using load = await Load.start(system, seed);
    const recoveries = new Recoveries(quick);
    await repeat(seconds - (performance.now() - started) / 1000, async () => {
      await load.untilCounted(1 + Math.floor(random() * 6));
      const server = anyServer(system, random);
      await recoveries.requeued(system, server, ({ pid }) => process.kill(pid, 'SIGSTOP'));
      await recoveries.back(system, server, SERVERS);
    });
    return { ...(await load.close()), ...recoveries.detail, ...hung };
  },
};

/**
 * A run that never returns in a server that answers everything else: its photos overrun their
 * deadline, the breaker opens, and the supervisor kills it.
 */
async function hangInference(system: MeshSystem, seed: number) {
  const settings = { DEMETER_INFERENCE_HANG_SECONDS: String(HANG_SECONDS) };
  await system.deploy({ count: SERVERS, faulty: true, settings });
  await system.restartCore(DEADLINE_SECONDS);
  await using load = await Load.start(system, seed);
  const recoveries = new Recoveries(false);
  writeFileSync(join(system.faultsFolder, 'hang'), '');
  const server = await whoMade(system, 'hang');
  recoveries.add(await system.secondsUntilFree(await system.leases()));
  await system.until('its breaker is open', async () =>
    (await system.servers()).some((server) => server.breaker === 'open'),
  );
  await recoveries.back(system, server, SERVERS);
  const { photos } = await load.close();
  await system.restartCore();
  const { requeued_s_max } = recoveries.detail;
  return { hung_photos: photos, hung_requeued_s: requeued_s_max, hung_breaker: 'open' };
}
