import { seededRandom } from '../fault-case.ts';
import { Load } from '../load.ts';
import { anyServer, type MeshCase, Recoveries, repeat } from './mesh-case.ts';

const SERVERS = 2;

/** A process that is gone: its stream ends at once. */
export const kill: MeshCase = {
  number: 25,
  title: 'kill -9 of a server with photos under way: requeued within 10 s, one result each',
  seconds: 120,
  run: async (system, { seed, seconds, quick }) => {
    const random = seededRandom(seed);
    await system.deploy({ count: SERVERS });
    await using load = await Load.start(system, seed);
    const recoveries = new Recoveries(quick);
    await repeat(seconds, async () => {
      await load.untilCounted(1 + Math.floor(random() * 6));
      const server = anyServer(system, random);
      await recoveries.requeued(system, server, ({ pid }) => process.kill(pid, 'SIGKILL'));
      await recoveries.back(system, server, SERVERS);
    });
    return { ...(await load.close()), ...recoveries.detail };
  },
};
