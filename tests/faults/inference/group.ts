import { groupOf } from '../fault-case.ts';
import { MeshSystem } from '../mesh-system.ts';
import { badModel } from './bad-model.ts';
import { gpuFault } from './gpu-fault.ts';
import { stop } from './hang.ts';
import { kill } from './kill.ts';
import { poison } from './poison.ts';

/** Inference servers that die, hang, fail and are given bad models. */
export const inference = groupOf(
  'inference',
  [kill, stop, poison, gpuFault, badModel],
  async (servers) => {
    const system = new MeshSystem(servers);
    await system.open();
    return system;
  },
);
