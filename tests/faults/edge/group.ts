import { groupOf } from '../fault-case.ts';
import { duplicates } from './duplicates.ts';
import { EdgeSystem } from './edge-system.ts';
import { fullDisk } from './full-disk.ts';
import { journalLost } from './journal.ts';
import { kill } from './kill.ts';
import { localStore } from './local-store.ts';
import { hardOff, unsyncedDrop } from './power-cut.ts';

/** What can happen to the box itself. */
export const edge = groupOf(
  'edge',
  [kill, unsyncedDrop, hardOff, fullDisk, journalLost, localStore, duplicates],
  async (servers) => {
    const system = new EdgeSystem(servers);
    await system.open();
    return system;
  },
);
