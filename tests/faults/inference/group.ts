import type { FaultBench, FaultGroup } from '../fault-case.ts';
import { MeshSystem } from '../mesh-system.ts';
import { badModel } from './bad-model.ts';
import { gpuFault } from './gpu-fault.ts';
import { stop } from './hang.ts';
import { kill } from './kill.ts';
import type { MeshCase } from './mesh-case.ts';
import { poison } from './poison.ts';

const CASES: readonly MeshCase[] = [kill, stop, poison, gpuFault, badModel];

/** Inference servers that die, hang, fail and are given bad models. */
export const inference: FaultGroup = {
  name: 'inference',
  cases: CASES,
  open: async (servers): Promise<FaultBench> => {
    const system = new MeshSystem(servers);
    await system.open();
    return {
      run: async (number, options) => {
        const found = CASES.find((one) => one.number === number);
        if (!found) throw new Error(`there is no case ${number}`);
        return await found.run(system, options);
      },
      close: async (failed) => {
        await system.stop(failed);
        return system.folder;
      },
    };
  },
};
