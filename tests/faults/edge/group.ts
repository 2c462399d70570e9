import { groupOf } from '../fault-case.ts';
import { EdgeSystem } from './edge-system.ts';
import { kill } from './kill.ts';
import { hardOff, unsyncedDrop } from './power-cut.ts';

/** What can happen to the box itself. */
export const edge = groupOf('edge', [kill, unsyncedDrop, hardOff], async (servers) => {
  const system = new EdgeSystem(servers);
  await system.open();
  return system;
});
