import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Load } from '../load.ts';
import { type MeshCase, Recoveries, repeat, whoMade } from './mesh-case.ts';

const SERVERS = 3;
/** What ONNX Runtime says when a GPU's memory is used up, and after the driver reset a GPU (Xid). */
const ERRORS = [
  'Non-zero status code returned while running Conv node. CUDA failure 700: an illegal memory access was encountered ; GPU=0',
  'CUDA failure 2: out of memory ; GPU=0 ; expr=cudaMalloc((void**)&p, size)',
];

/** A GPU that fails is made at the seam to the session: the server and all above it are real. */
export const gpuFault: MeshCase = {
  number: 28,
  title: 'CUDA out of memory and Xid: unready, photos go elsewhere, the server is replaced',
  seconds: 60,
  run: async (system, { seed, seconds, quick }) => {
    await system.deploy({ count: SERVERS, faulty: true });
    await using load = await Load.start(system, seed);
    const recoveries = new Recoveries(quick);
    let unreadySeen = 0;
    let made = 0;
    await repeat(seconds, async () => {
      await load.untilCounted(2);
      const message = ERRORS[made++ % ERRORS.length]!;
      writeFileSync(join(system.faultsFolder, 'cuda'), message);
      const server = await whoMade(system, 'cuda');
      const started = performance.now();
      await system.until('it gets no photos', async () => {
        const found = await system.server(server.port);
        if (found?.ready === false && message.startsWith(found.reason.slice(0, 20))) unreadySeen++;
        return found?.ready !== true || system.pids().get(server.port) !== server.pid;
      });
      recoveries.add((performance.now() - started) / 1000);
      await recoveries.back(system, server, SERVERS);
    });
    return { ...(await load.close()), ...recoveries.detail, unready_seen: unreadySeen };
  },
};
