import { groupOf } from '../fault-case.ts';
import { escalation, replay, tokens, trespass } from './attacks.ts';
import { badDisk } from './bad-disk.ts';
import { clock } from './clock.ts';
import { duplicates } from './duplicates.ts';
import { EdgeSystem } from './edge-system.ts';
import { exhausted } from './exhausted.ts';
import { forgedPut } from './forged-put.ts';
import { fullDisk } from './full-disk.ts';
import { hostile } from './hostile.ts';
import { journalLost } from './journal.ts';
import { kill } from './kill.ts';
import { localStore } from './local-store.ts';
import { hardOff, unsyncedDrop } from './power-cut.ts';
import { quota } from './quota.ts';
import { verdicts } from './verdicts.ts';

const CASES = [
  ...[kill, unsyncedDrop, hardOff, fullDisk, quota, badDisk, journalLost, localStore],
  ...[duplicates, verdicts, clock, exhausted],
  ...[tokens, trespass, replay, hostile, forgedPut, escalation],
];

/** What can happen to the box itself. */
export const edge = groupOf('edge', CASES, async (servers) => {
  const system = new EdgeSystem(servers);
  await system.open();
  return system;
});
