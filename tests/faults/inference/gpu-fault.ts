import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Load } from '../load.ts';
import type { MeshSystem } from '../mesh-system.ts';
import { type MeshCase, Recoveries, type RunningServer, repeat } from './mesh-case.ts';

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
  run: async (system, { seed, seconds }) => {
    await system.deploy({ count: SERVERS, faulty: true });
    const load = await Load.start(system, seed);
    const recoveries = new Recoveries();
    let unreadySeen = 0;
    let made = 0;
    await repeat(seconds, async () => {
      await load.untilCounted(2);
      const before = system.pids();
      const file = join(system.faultsFolder, 'cuda');
      await recoveries.requeued(system, async () => {
        writeFileSync(file, ERRORS[made++ % ERRORS.length]!);
        await system.until('a run meets the fault', async () => !existsSync(file));
        if (await isUnready(system)) unreadySeen++;
      });
      await recoveries.back(system, await replaced(system, before), SERVERS);
    });
    return { ...(await load.close()), ...recoveries.detail, unready_seen: unreadySeen };
  },
};

async function isUnready(system: MeshSystem): Promise<boolean> {
  return (await system.servers()).some((server) => !server.ready);
}

/** The server of `before` that is no more. */
async function replaced(
  system: MeshSystem,
  before: ReadonlyMap<string, number>,
): Promise<RunningServer> {
  const gone = () => [...before].find(([port, pid]) => system.pids().get(port) !== pid);
  await system.until('the server is ended', async () => gone() !== undefined);
  const [port, pid] = gone()!;
  return { port, pid };
}
